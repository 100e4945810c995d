// Parameters: blindFrom, candidates, country, directions, phrases, profiles, terms, vector, visible, wide
CALL () {
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
  WITH d, score, d.id AS id
  WHERE coalesce(d.withdrawn, false) = false AND (NOT EXISTS { (d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country}) } OR d.date < $blindFrom)
  WITH id, score
  ORDER BY score DESC, id
  RETURN collect(id) AS byVector
}
CALL () {
  UNWIND $terms AS sought
  CALL db.index.fulltext.queryNodes('document_text', sought, {limit: $wide}) YIELD node AS d, score
  WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND (NOT EXISTS { (d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country}) } OR d.date < $blindFrom)
  WITH d.id AS id, score
  ORDER BY score DESC, id
  LIMIT $candidates
  RETURN collect(id) AS byText
}
CALL () {
  UNWIND $phrases AS sought
  CALL db.index.fulltext.queryNodes('document_text', sought, {limit: $wide}) YIELD node AS d, score
  WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND (NOT EXISTS { (d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country}) } OR d.date < $blindFrom)
  WITH d.id AS id, score
  ORDER BY score DESC, id
  LIMIT $candidates
  RETURN collect(id) AS byName
}
CALL () {
  UNWIND $directions AS direction
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR direction WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
  WITH d, score, d.id AS id
  WHERE coalesce(d.withdrawn, false) = false AND (NOT EXISTS { (d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country}) } OR d.date < $blindFrom)
  WITH id, score
  ORDER BY score DESC, id
  RETURN collect(id) AS byTopic
}
CALL () {
  MATCH (o:Document)
  SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
  WITH o.id AS id, score
  ORDER BY score DESC, id
  RETURN collect(id) AS byProfile
}
RETURN byVector, byText, byName, byTopic, byProfile
