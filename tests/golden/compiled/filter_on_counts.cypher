CALL () {
  MATCH (n1:Country)
  WHERE COUNT { (n1)-[:MEMBER_OF]->(:CountryGroup) } > $p1 AND COUNT { MATCH (n1)<-[r2:IN]-() WHERE r2.projectLevel IN $levels } <= $p2 AND COUNT { MATCH (n1)<-[r2:IN]-() WHERE r2.projectLevel IN $levels } >= $p3 AND n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
