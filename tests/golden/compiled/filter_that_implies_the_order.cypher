CALL () {
  MATCH (n1:Project)
  WHERE n1.visibility IN $visible AND n1.startDate <= $p1
  WITH n1
  ORDER BY n1.startDate DESC, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)-[:IN]->(n3)
    WITH n3
    ORDER BY n3.name, n3.id
    LIMIT $p2
    RETURN collect([n3.id, n3.name]) AS a2
  }
  RETURN collect([n1.id, n1.title, [a2]]) AS a0
}
RETURN [a0] AS r0
