CALL () {
  MATCH (n1:Practice)
  WHERE n1.visibility IN $visible
  WITH n1, head(COLLECT { MATCH (n1)-[:FROM]->(x2:Country) RETURN x2.population }) AS k3
  ORDER BY k3 IS NULL, k3 DESC, n1.title, n1.id
  LIMIT $p0
  RETURN collect([n1.id, k3, n1.title, n1.title]) AS a0
}
RETURN [a0] AS r0
