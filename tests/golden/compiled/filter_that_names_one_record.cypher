CALL () {
  CALL () {
    MATCH (x8:Country {id: $p3})
    RETURN sum(COUNT { ()-[:FROM]->(x8) }) AS c4
  }
  CALL () {
    MATCH (n1:Practice)
    RETURN count(n1) AS c5
  }
  CALL (c4, c5) {
    WITH c4, c5
    WHERE c4 * c4 > c5 * $p0
    CALL () {
      MATCH (n1:Practice)
      WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x3:Country) WHERE x3.id = $p2 } AND n1.date IS NOT NULL
      WITH n1
      ORDER BY n1.date DESC, n1.id
      LIMIT $p0
      RETURN collect(n1) AS a9
    }
    RETURN coalesce(head(collect(a9)), []) AS a6
  }
  CALL (c4, c5) {
    WITH c4, c5
    WHERE c4 * c4 <= c5 * $p0
    CALL () {
      MATCH (x2:Country {id: $p1})
      MATCH (n1:Practice)-[:FROM]->(x2:Country)
      WHERE n1.visibility IN $visible
      WITH DISTINCT n1
      WITH n1
      ORDER BY n1.date DESC, n1.id
      LIMIT $p0
      RETURN collect(n1) AS a10
    }
    RETURN coalesce(head(collect(a10)), []) AS a7
  }
  UNWIND a6 + a7 AS n1
  WITH n1
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
