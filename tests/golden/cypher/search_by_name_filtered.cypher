// Parameters: country, kinds, lang, terms, topics, visible, wide
CALL db.index.fulltext.queryNodes('document_name', $terms, {limit: $wide}) YIELD node AS d, score
WHERE d.visibility IN $visible AND d.documentType IN $kinds AND EXISTS { (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic) WHERE t.id IN $topics } AND (d.id = $country OR EXISTS { (d)--(:Country {id: $country}) }) AND d.lang = $lang
RETURN d.id, d.documentType
ORDER BY score DESC, d.id
LIMIT 400
