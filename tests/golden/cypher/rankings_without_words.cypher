// Parameters: candidates, profiles, vector, visible
CALL () {
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
  WITH d, score
  WHERE coalesce(d.withdrawn, false) = false
  WITH d, score
  ORDER BY score DESC, d.id
  RETURN collect(d.id) AS byVector
}
CALL () {
  MATCH (o:Document)
  SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
  WITH o, score
  ORDER BY score DESC, o.id
  RETURN collect(o.id) AS byProfile
}
RETURN byVector, [] AS byText, [] AS byName, [] AS byTopic, byProfile
