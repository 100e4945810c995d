CALL () {
  MATCH (n1:Document)
  SEARCH n1 IN (VECTOR INDEX document_vector_me5s_384 FOR $p1 WHERE n1.documentType = $p2 LIMIT 200) SCORE AS s2
  WITH n1, s2 * 2 - 1 AS s2
  WHERE s2 >= 0.12
  WITH n1, s2
  WHERE n1.visibility IN $visible
  WITH n1, s2
  ORDER BY s2 DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, s2, n1.title]) AS a0
}
RETURN [a0] AS r0
