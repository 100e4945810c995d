CALL () {
  CALL () {
    MATCH (n1:Country)
    WHERE n1.name IS NOT NULL
    WITH n1
    ORDER BY n1.name, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a2
  }
  CALL (a2) {
    WITH a2
    WHERE size(a2) < $p0
    CALL () {
      MATCH (n1:Country)
      WHERE n1.name IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a4
    }
    RETURN coalesce(head(collect(a4)), []) AS a3
  }
  UNWIND a2 + a3 AS n1
  WITH n1
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n6:Project)
    WHERE n6.visibility IN $visible
    WITH n6
    ORDER BY n6.startDate IS NULL, n6.startDate DESC, n6.id
    LIMIT $p1
    CALL (n6) {
      MATCH (n6)-[:ABOUT]->(n8)
      WITH n8
      ORDER BY n8.name, n8.id
      LIMIT $p2
      RETURN collect([n8.id, n8.name]) AS a7
    }
    RETURN collect([n6.id, n6.title, [a7]]) AS a5
  }
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n9:Project)
    WHERE n9.visibility IN $visible
    RETURN count(n9) AS a10
  }
  RETURN collect([n1.id, n1.name, [a5, a10]]) AS a0
}
RETURN [a0] AS r0
