// Parameters: candidates, profiles, rows, visible, wide
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
  CALL db.index.fulltext.queryNodes('document_text', row.terms, {limit: $wide}) YIELD node AS d, score
  WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
  WITH d, score
  ORDER BY score DESC, d.id
  LIMIT $candidates
  RETURN collect(d.id) AS byText
}
CALL (row) {
  CALL db.index.fulltext.queryNodes('document_text', row.phrases, {limit: $wide}) YIELD node AS d, score
  WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
  WITH d, score
  ORDER BY score DESC, d.id
  LIMIT $candidates
  RETURN collect(d.id) AS byName
}
CALL (row) {
  MATCH (o:Document)
  SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR row.vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
  WITH o, score
  ORDER BY score DESC, o.id
  RETURN collect(o.id) AS byProfile
}
RETURN byVector, byText, byName, [] AS byTopic, byProfile
}
RETURN row.number, byVector, byText, byName, byProfile
