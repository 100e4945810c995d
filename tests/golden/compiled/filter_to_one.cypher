CALL () {
  CALL () {
    MATCH (n1:Practice)
    WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x2:Country) WHERE x2.incomeGroup = $p1 } AND n1.date IS NOT NULL
    WITH n1
    ORDER BY n1.date DESC, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a4
  }
  CALL (a4) {
    WITH a4
    WHERE size(a4) < $p0
    CALL () {
      MATCH (n1:Practice)
      WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x3:Country) WHERE x3.incomeGroup = $p2 } AND n1.date IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a6
    }
    RETURN coalesce(head(collect(a6)), []) AS a5
  }
  UNWIND a4 + a5 AS n1
  WITH n1
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
