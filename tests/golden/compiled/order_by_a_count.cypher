CALL () {
  MATCH (n1:Country)
  WITH n1, COUNT { MATCH (n1)<-[r2:IN]-() WHERE r2.projectLevel IN $levels } AS k3
  ORDER BY k3 DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, k3, n1.name]) AS a0
}
RETURN [a0] AS r0
