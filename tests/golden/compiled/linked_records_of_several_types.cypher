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
      MATCH (n3:Country)<-[:FROM]-(n7)
      WHERE n7.visibility IN $visible
      WITH n7
      ORDER BY n7.date DESC, n7.id
      LIMIT $p2
      RETURN collect([n7.id, n7.title]) AS a6
    }
    RETURN collect([n3.id, n3.name, a5, n3.iso3, [a6]]) AS a2
  }
  RETURN collect([n0.id, [a2]]) AS a1
}
RETURN head(a1) AS r0
