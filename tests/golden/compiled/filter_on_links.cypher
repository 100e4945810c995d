CALL () {
  MATCH (n1:Country)
  WHERE EXISTS { MATCH (n1)<-[r3:BETWEEN]-(x2:Partnership) WHERE x2.visibility IN $visible AND x2.state = $p1 AND r3.role = $p2 } AND n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
