// Parameters: most, reads
UNWIND $reads AS q
CALL (q) {
  MATCH (t:Document)
  SEARCH t IN (VECTOR INDEX document_vector_me5s_384 FOR q.vector WHERE t.documentType = 'Topic' LIMIT $most) SCORE AS score
  WITH t, score
  ORDER BY score DESC, t.id
  RETURN collect([t.id, score * 2 - 1, t.name, reduce(words = t.name, k IN coalesce(t.keywords, []) | words + ' ' + k), t.vector_me5s_384]) AS near
}
RETURN q.number AS number, near
