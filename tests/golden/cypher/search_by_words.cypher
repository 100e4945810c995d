// Parameters: terms, visible, wide
CALL db.index.fulltext.queryNodes('document_text', $terms, {limit: $wide}) YIELD node AS d, score
WHERE d.visibility IN $visible
RETURN d.id, d.documentType
ORDER BY score DESC, d.id
LIMIT 400
