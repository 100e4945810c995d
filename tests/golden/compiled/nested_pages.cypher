CALL () {
  MATCH (n1:Country)
  WHERE n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  CALL (n1) {
    CALL (n1) {
      RETURN COUNT { (n1)<-[:IN]-() } AS c4
    }
    CALL () {
      MATCH (n3:Project)
      RETURN count(n3) AS c5
    }
    CALL (c4, c5, n1) {
      WITH c4, c5, n1
      WHERE c4 > $p2 AND c4 * 100 > c5
      CALL (n1) {
        MATCH (n3:Project)
        WHERE n3.visibility IN $visible AND n3.startDate IS NOT NULL
        WITH n3
        ORDER BY n3.startDate DESC, n3.id
        LIMIT $p2
        WITH n3
        WHERE EXISTS { (n1)<-[:IN]-(n3) }
        WITH n3
        LIMIT $p1
        RETURN collect(n3) AS a8
      }
      RETURN coalesce(head(collect(a8)), []) AS a6
    }
    CALL (a6, n1) {
      WITH a6, n1
      WHERE size(a6) < $p1
      CALL (n1) {
        MATCH (n1)<-[:IN]-(n3:Project)
        WHERE n3.visibility IN $visible
        WITH n3
        ORDER BY n3.startDate IS NULL, n3.startDate DESC, n3.id
        LIMIT $p1
        RETURN collect(n3) AS a9
      }
      RETURN coalesce(head(collect(a9)), []) AS a7
    }
    UNWIND CASE WHEN size(a6) < $p1 THEN a7 ELSE a6 END AS n3
    WITH n3
    CALL (n3) {
      MATCH (n3)-[:ABOUT]->(n11)
      WITH n11
      ORDER BY n11.name, n11.id
      LIMIT $p3
      RETURN collect([n11.id, n11.name]) AS a10
    }
    RETURN collect([n3.id, n3.title, [a10]]) AS a2
  }
  CALL (n1) {
    MATCH (n1)<-[r12:IN]-()
    WHERE r12.projectLevel IN $levels
    RETURN count(r12) AS a13
  }
  RETURN collect([n1.id, n1.name, [a2, a13]]) AS a0
}
RETURN [a0] AS r0
