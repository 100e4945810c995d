// Parameters: candidates, profiles, rows, visible
UNWIND $rows AS row
CALL (row) {
CALL (row) {
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR row.vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
  WITH d, score
  WHERE coalesce(d.withdrawn, false) = false
  WITH d, score
  ORDER BY score DESC, d.id
  RETURN collect(d.id) AS byVector
}
CALL (row) {
  MATCH (o:Document)
  SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR row.vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
  WITH o, score
  ORDER BY score DESC, o.id
  RETURN collect(o.id) AS byProfile
}
RETURN byVector, [] AS byText, [] AS byName, [] AS byTopic, byProfile
}
RETURN row.number, byVector, byText, byName, byProfile
