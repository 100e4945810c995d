CALL () {
  CALL () {
    MATCH (n0:Country {id: $p0})
    RETURN collect([n0.id, n0.capital, n0.name]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country {id: $p1})
    CALL (n2) {
      CALL (n2) {
        RETURN COUNT { (n2)<-[:IN]-() } AS c6
      }
      CALL () {
        MATCH (n5:Project)
        RETURN count(n5) AS c7
      }
      CALL (c6, c7, n2) {
        WITH c6, c7, n2
        WHERE c6 > $p3 AND c6 * 100 > c7
        CALL (n2) {
          MATCH (n5:Project)
          WHERE n5.visibility IN $visible AND n5.startDate IS NOT NULL
          WITH n5
          ORDER BY n5.startDate DESC, n5.id
          LIMIT $p3
          WITH n5
          WHERE EXISTS { (n2)<-[:IN]-(n5:Project) }
          WITH n5
          LIMIT $p2
          RETURN collect(n5) AS a10
        }
        RETURN coalesce(head(collect(a10)), []) AS a8
      }
      CALL (a8, n2) {
        WITH a8, n2
        WHERE size(a8) < $p2
        CALL (n2) {
          MATCH (n2)<-[:IN]-(n5:Project)
          WHERE n5.visibility IN $visible
          WITH n5
          ORDER BY n5.startDate IS NULL, n5.startDate DESC, n5.id
          LIMIT $p2
          RETURN collect(n5) AS a11
        }
        RETURN coalesce(head(collect(a11)), []) AS a9
      }
      UNWIND CASE WHEN size(a8) < $p2 THEN a9 ELSE a8 END AS n5
      WITH n5
      RETURN collect([n5.id, n5.title, n5.status]) AS a4
    }
    RETURN collect([n2.id, [a4]]) AS a3
  }
  RETURN head(a3) AS r1
}
RETURN r0, r1
