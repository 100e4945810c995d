// Parameters: candidates, cases, country, masked, need, profiles, terms, vector, visible, wide
CALL () {
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
  WITH d, score
  WHERE coalesce(d.withdrawn, false) = false AND (d.visibility <> $masked OR (EXISTS { (d)-[:SOURCED_FROM]->(:Source {id: $cases}) } AND toLower(d.summary) <> $need AND NOT EXISTS { (d)-[:BETWEEN]->(:Country {id: $country}) }))
  WITH d, score
  ORDER BY score DESC, d.id
  RETURN collect(d.id) AS byVector
}
CALL () {
  CALL db.index.fulltext.queryNodes('document_text', $terms, {limit: $wide}) YIELD node AS d, score
  WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND (d.visibility <> $masked OR (EXISTS { (d)-[:SOURCED_FROM]->(:Source {id: $cases}) } AND toLower(d.summary) <> $need AND NOT EXISTS { (d)-[:BETWEEN]->(:Country {id: $country}) }))
  WITH d, score
  ORDER BY score DESC, d.id
  LIMIT $candidates
  RETURN collect(d.id) AS byText
}
CALL () {
  MATCH (o:Document)
  SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
  WITH o, score
  ORDER BY score DESC, o.id
  RETURN collect(o.id) AS byProfile
}
RETURN byVector, byText, [] AS byName, [] AS byTopic, byProfile
