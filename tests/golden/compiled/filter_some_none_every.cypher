CALL () {
  CALL () {
    MATCH (n1:Country)
    WHERE EXISTS { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible AND x2.status = $p1 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x3:Project) WHERE x3.visibility IN $visible AND x3.amountUsd > $p2 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x4:Project) WHERE x4.visibility IN $visible AND NOT coalesce(NOT coalesce(x4.title = $p3, false), false) } AND n1.name IS NOT NULL
    WITH n1
    ORDER BY n1.name, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a8
  }
  CALL (a8) {
    WITH a8
    WHERE size(a8) < $p0
    CALL () {
      MATCH (n1:Country)
      WHERE EXISTS { MATCH (n1)<-[:IN]-(x5:Project) WHERE x5.visibility IN $visible AND x5.status = $p4 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x6:Project) WHERE x6.visibility IN $visible AND x6.amountUsd > $p5 } AND NOT EXISTS { MATCH (n1)<-[:IN]-(x7:Project) WHERE x7.visibility IN $visible AND NOT coalesce(NOT coalesce(x7.title = $p6, false), false) } AND n1.name IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a10
    }
    RETURN coalesce(head(collect(a10)), []) AS a9
  }
  UNWIND a8 + a9 AS n1
  WITH n1
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
