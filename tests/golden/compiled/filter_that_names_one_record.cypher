CALL () {
  MATCH (x2:Country {id: $p1})
  MATCH (n1:Practice)-[:FROM]->(x2:Country)
  WHERE n1.visibility IN $visible
  WITH DISTINCT n1
  WITH n1
  ORDER BY n1.date DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
