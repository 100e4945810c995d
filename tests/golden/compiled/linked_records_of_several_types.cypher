CALL () {
  MATCH (n0:Project {id: $p0})
  WHERE n0.visibility IN $visible
  CALL (n0) {
    MATCH (n0)<-[:FUNDS]-(n3)
    WITH n3
    ORDER BY n3.name IS NULL, n3.name, n3.id
    LIMIT $p1
    CALL (n3) {
      MATCH (n3:Organization)-[:BASED_IN]->(n4)
      RETURN head(collect([n4.id, n4.name])) AS a5
    }
    CALL (n3) {
      CALL (n3) {
        RETURN COUNT { (n3)<-[:FROM]-() } AS c8
      }
      CALL () {
        MATCH (n7:Practice)
        RETURN count(n7) AS c9
      }
      CALL (c8, c9, n3) {
        WITH c8, c9, n3
        WHERE c8 > $p3 AND c8 * 100 > c9
        CALL (n3) {
          MATCH (n7:Practice)
          WHERE n7.visibility IN $visible AND n7.date IS NOT NULL
          WITH n7
          ORDER BY n7.date DESC, n7.id
          LIMIT $p3
          WITH n7
          WHERE EXISTS { (n3)<-[:FROM]-(n7) }
          WITH n7
          LIMIT $p2
          RETURN collect(n7) AS a12
        }
        RETURN coalesce(head(collect(a12)), []) AS a10
      }
      CALL (a10, n3) {
        WITH a10, n3
        WHERE size(a10) < $p2
        CALL (n3) {
          MATCH (n3:Country)<-[:FROM]-(n7)
          WHERE n7.visibility IN $visible
          WITH n7
          ORDER BY n7.date DESC, n7.id
          LIMIT $p2
          RETURN collect(n7) AS a13
        }
        RETURN coalesce(head(collect(a13)), []) AS a11
      }
      UNWIND CASE WHEN size(a10) < $p2 THEN a11 ELSE a10 END AS n7
      WITH n7
      RETURN collect([n7.id, n7.title]) AS a6
    }
    RETURN collect([n3.id, n3.name, a5, n3.iso3, [a6]]) AS a2
  }
  RETURN collect([n0.id, [a2]]) AS a1
}
RETURN head(a1) AS r0
