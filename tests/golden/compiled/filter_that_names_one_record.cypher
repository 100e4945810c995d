CALL () {
  CALL () {
    MATCH (x12:Country {id: $p4})
    RETURN sum(COUNT { ()-[:FROM]->(x12) }) AS c8
  }
  CALL () {
    MATCH (n1:Practice)
    RETURN count(n1) AS c9
  }
  CALL (c8, c9) {
    WITH c8, c9
    WHERE c8 * c8 > c9 * $p0
    CALL () {
      CALL () {
        MATCH (n1:Practice)
        WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x3:Country) WHERE x3.id = $p2 } AND n1.date IS NOT NULL
        WITH n1
        ORDER BY n1.date DESC, n1.id
        LIMIT $p0
        RETURN collect(n1) AS a5
      }
      CALL (a5) {
        WITH a5
        WHERE size(a5) < $p0
        CALL () {
          MATCH (n1:Practice)
          WHERE n1.visibility IN $visible AND EXISTS { MATCH (n1)-[:FROM]->(x4:Country) WHERE x4.id = $p3 } AND n1.date IS NULL
          WITH n1
          ORDER BY n1.id
          LIMIT $p0
          RETURN collect(n1) AS a7
        }
        RETURN coalesce(head(collect(a7)), []) AS a6
      }
      UNWIND a5 + a6 AS n1
      WITH n1
      LIMIT $p0
      RETURN collect(n1) AS a13
    }
    RETURN coalesce(head(collect(a13)), []) AS a10
  }
  CALL (c8, c9) {
    WITH c8, c9
    WHERE c8 * c8 <= c9 * $p0
    CALL () {
      MATCH (x2:Country {id: $p1})
      MATCH (n1:Practice)-[:FROM]->(x2:Country)
      WHERE n1.visibility IN $visible
      WITH DISTINCT n1
      WITH n1
      ORDER BY n1.date DESC, n1.id
      LIMIT $p0
      RETURN collect(n1) AS a14
    }
    RETURN coalesce(head(collect(a14)), []) AS a11
  }
  UNWIND a10 + a11 AS n1
  WITH n1
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
