CALL () {
  CALL () {
    MATCH (n1:Country)
    WHERE EXISTS { MATCH (n1)<-[r3:BETWEEN]-(x2:Partnership) WHERE x2.visibility IN $visible AND x2.state = $p1 AND r3.role = $p2 } AND n1.name IS NOT NULL
    WITH n1
    ORDER BY n1.name, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a6
  }
  CALL (a6) {
    WITH a6
    WHERE size(a6) < $p0
    CALL () {
      MATCH (n1:Country)
      WHERE EXISTS { MATCH (n1)<-[r5:BETWEEN]-(x4:Partnership) WHERE x4.visibility IN $visible AND x4.state = $p3 AND r5.role = $p4 } AND n1.name IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a8
    }
    RETURN coalesce(head(collect(a8)), []) AS a7
  }
  UNWIND a6 + a7 AS n1
  WITH n1
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
