// Parameters: country, kinds, lang, like, topics, vector, visible
MATCH (d:Document)
SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.visibility IN $visible AND d.documentType IN $kinds LIMIT 200) SCORE AS score
WITH d, score
WHERE score * 2 - 1 >= $like AND EXISTS { (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic) WHERE t.id IN $topics } AND (d.id = $country OR EXISTS { (d)--(:Country {id: $country}) }) AND d.lang = $lang
RETURN d.id, d.documentType
ORDER BY score DESC, d.id
