// Parameters: terms
CALL db.index.fulltext.queryNodes('document_name', $terms, {limit: 60}) YIELD node AS d, score
WHERE d:Solution OR d:Organization
WITH d, score
ORDER BY score DESC, d.id
RETURN collect([d.id, [d.name, d.shortName] + coalesce(d.aliases, [])]) AS like
