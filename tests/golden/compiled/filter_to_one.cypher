CALL () {
  MATCH (n1:Practice)
  WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x2:Country) WHERE x2.incomeGroup = $p1 } AND n1.date IS NOT NULL
  WITH n1
  ORDER BY n1.date DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
