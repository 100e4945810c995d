CALL () {
  CALL () {
    MATCH (n0:Project)
    WHERE n0.visibility IN $visible AND n0.status = $p0
    RETURN [count(n0), toFloat(sum(n0.amountUsd)), [toFloat(sum(n0.amountUsd)), count(n0.amountUsd)], toFloat(percentileCont(n0.amountUsd, 0.5)), toFloat(min(n0.amountUsd)), toFloat(max(n0.amountUsd)), toString(min(n0.startDate)), toString(max(n0.startDate))] AS a1
  }
  RETURN [a1] AS r0
}
CALL () {
  CALL () {
    MATCH (n3:Country)
    WHERE n3.name IS NOT NULL
    WITH n3
    ORDER BY n3.name, n3.id
    LIMIT $p1
    CALL (n3) {
      MATCH (n3)<-[r4:IN]-()
      WHERE r4.projectLevel IN $levels
      RETURN [toFloat(sum(r4.projectAmountUsd))] AS a5
    }
    RETURN collect([n3.id, [a5]]) AS a2
  }
  RETURN [a2] AS r1
}
RETURN r0, r1
