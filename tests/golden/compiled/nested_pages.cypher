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
    MATCH (n1:Country)
    WHERE n1.name IS NULL
    WITH n1
    ORDER BY n1.id
    LIMIT $p0
    RETURN collect(n1) AS a3
  }
  UNWIND a2 + a3 AS n1
  WITH n1
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n5:Project)
    WHERE n5.visibility IN $visible
    WITH n5
    ORDER BY n5.startDate IS NULL, n5.startDate DESC, n5.id
    LIMIT $p1
    CALL (n5) {
      MATCH (n5)-[:ABOUT]->(n7:Topic)
      WITH n7
      ORDER BY n7.name, n7.id
      LIMIT $p2
      RETURN collect([n7.id, n7.name]) AS a6
    }
    RETURN collect([n5.id, n5.title, [a6]]) AS a4
  }
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n8:Project)
    WHERE n8.visibility IN $visible
    RETURN count(n8) AS a9
  }
  RETURN collect([n1.id, n1.name, [a4, a9]]) AS a0
}
RETURN [a0] AS r0
