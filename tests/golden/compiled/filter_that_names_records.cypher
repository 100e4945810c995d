CALL () {
  UNWIND $p1 AS i3
  MATCH (x2:Country {id: i3})
  MATCH (n1:Project)-[:IN]->(x2:Country)
  WHERE n1.visibility IN $visible AND n1.startDate <= $p2
  WITH DISTINCT n1
  WITH n1
  ORDER BY n1.startDate IS NULL, n1.startDate DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
CALL () {
  UNWIND $p1 AS i7
  MATCH (x6:Country {id: i7})
  MATCH (n4:Project)-[:IN]->(x6:Country)
  WHERE n4.visibility IN $visible AND n4.startDate <= $p2
  WITH DISTINCT n4
  RETURN count(n4) AS a5
}
RETURN [a0, a5] AS r0
