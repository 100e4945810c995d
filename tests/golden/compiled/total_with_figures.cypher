CALL () {
  MATCH (n1:Country)
  WHERE n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[r2:IN]-()
    WHERE r2.projectLevel IN $levels
    RETURN count(r2) AS a3, [count(r2), toFloat(sum(r2.projectAmountUsd)), [toFloat(sum(r2.projectAmountUsd)), count(r2.projectAmountUsd)]] AS a4
  }
  CALL (n1) {
    MATCH (n1)<-[:FOR]-(n5)
    RETURN [toFloat(max(n5.year))] AS a6
  }
  RETURN collect([n1.id, [a3, a4], [COUNT { (n1)<-[:FOR]-() }, a6]]) AS a0
}
RETURN [a0] AS r0
