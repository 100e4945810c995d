CALL () {
  MATCH (n0:Project)
  WHERE n0.visibility IN $visible AND EXISTS { MATCH (n0)-[:IN]->(x2:Country) WHERE x2.region = $p0 }
  RETURN count(n0) AS a1
}
CALL () {
  MATCH (n3:Project)
  WHERE n3.visibility IN $visible AND EXISTS { MATCH (n3)-[:IN]->(x5:Country) WHERE x5.region = $p1 }
  WITH DISTINCT n3, [toString(n3.status), null] AS k6
  WITH k6, count(n3) AS c7, [count(n3)] AS f8
  ORDER BY c7 DESC, k6[0]
  LIMIT $p2
  RETURN collect([[k6], f8]) AS a4
}
CALL () {
  MATCH (n9:Project)
  WHERE n9.visibility IN $visible AND EXISTS { MATCH (n9)-[:IN]->(x11:Country) WHERE x11.region = $p3 }
  OPTIONAL MATCH (n9)-[:ABOUT]->(x13:Topic)
  WITH DISTINCT n9, [x13.id, toString(coalesce(x13.nameFr, x13.name))] AS k12
  WITH k12, count(n9) AS c14, [count(n9)] AS f15
  ORDER BY c14 DESC, k12[0]
  LIMIT $p4
  RETURN collect([[k12], f15]) AS a10
}
RETURN [a1, a4, a10] AS r0
