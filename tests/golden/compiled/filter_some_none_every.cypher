CALL () {
  MATCH (n1:Country)
  WHERE EXISTS { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible AND x2.status = $p1 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x3:Project) WHERE x3.visibility IN $visible AND x3.amountUsd > $p2 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x4:Project) WHERE x4.visibility IN $visible AND NOT coalesce(NOT coalesce(x4.title = $p3, false), false) } AND n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
