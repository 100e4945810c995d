CALL () {
  MATCH (n1:Country)
  WHERE COUNT { MATCH (n1)<-[r3:IN]-() WHERE r3.projectLevel IN $levels } > $p1
  WITH n1, COUNT { MATCH (n1)<-[r2:IN]-() WHERE r2.projectLevel IN $levels } AS k4
  ORDER BY k4 DESC, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[r5:IN]-()
    WHERE r5.projectLevel IN $levels
    RETURN count(r5) AS a6, [count(r5), toFloat(sum(r5.projectAmountUsd)), [toFloat(sum(r5.projectAmountUsd)), count(r5.projectAmountUsd)], toFloat(percentileCont(r5.projectAmountUsd, 0.5)), toFloat(max(r5.projectAmountUsd))] AS a7
  }
  CALL (n1) {
    MATCH (n1)-[r8:FUNDS]->()
    WHERE r8.projectLevel IN $levels
    RETURN [toFloat(sum(r8.projectAmountUsd))] AS a9
  }
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n10:Project)
    WHERE n10.visibility IN $visible
    RETURN count(n10) AS a11, [toString(min(n10.startDate))] AS a12
  }
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n13:Project)
    WHERE n13.visibility IN $visible AND n13.amountUsd > $p2
    RETURN count(n13) AS a14
  }
  RETURN collect([n1.id, [a6, a7], [a9], [a11, a12], [a14]]) AS a0
}
RETURN [a0] AS r0
