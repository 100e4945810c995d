CALL () {
  MATCH (n1:Country)
  WHERE COUNT { (n1)-[:MEMBER_OF]->(:CountryGroup) } > $p1 AND COUNT { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible } <= $p2 AND COUNT { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible } >= $p3 AND n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
