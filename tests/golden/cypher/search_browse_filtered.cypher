// Parameters: country, kinds, lang, topics, visible
MATCH (d:Document)
WHERE d.visibility IN $visible AND d.documentType IN $kinds AND EXISTS { (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic) WHERE t.id IN $topics } AND (d.id = $country OR EXISTS { (d)--(:Country {id: $country}) }) AND d.lang = $lang
RETURN d.id, d.documentType
ORDER BY d.date IS NULL, d.date DESC, coalesce(d.title, d.name), d.id
LIMIT 1000
