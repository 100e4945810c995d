CALL () {
  MATCH (n1:Country)
  WITH n1, COUNT { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible } AS k3
  ORDER BY k3 DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, k3, n1.name]) AS a0
}
RETURN [a0] AS r0
