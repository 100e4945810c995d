// Parameters: english, near, reads, visible, wide
UNWIND $reads AS q
CALL (q) {
  MATCH (d:Document)
  SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR q.vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $wide) SCORE AS score
  WITH d, score
  WHERE coalesce(d.withdrawn, false) = false AND d.lang = $english
  WITH d, score
  ORDER BY score DESC, d.id
  LIMIT $near
  RETURN collect(coalesce(d.title, d.name) + '. ' + coalesce(d.summary, '')) AS texts
}
RETURN q.number AS number, texts
