CALL () {
  MATCH (n1:Country)
  WHERE n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n3:Project)
    WHERE n3.visibility IN $visible
    WITH n3
    ORDER BY n3.startDate IS NULL, n3.startDate DESC, n3.id
    LIMIT $p1
    CALL (n3) {
      MATCH (n3)-[:ABOUT]->(n5)
      WITH n5
      ORDER BY n5.name, n5.id
      LIMIT $p2
      RETURN collect([n5.id, n5.name]) AS a4
    }
    RETURN collect([n3.id, n3.title, [a4]]) AS a2
  }
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n6:Project)
    WHERE n6.visibility IN $visible
    RETURN count(n6) AS a7
  }
  RETURN collect([n1.id, n1.name, [a2, a7]]) AS a0
}
RETURN [a0] AS r0
