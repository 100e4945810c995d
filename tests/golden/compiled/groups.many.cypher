UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    MATCH (n0:Project)
    WHERE n0.visibility IN $visible
    WITH DISTINCT n0, [CASE WHEN n0.startDate IS NULL THEN null ELSE toString(date.truncate('year', n0.startDate)) END, null] AS k2, [toString(n0.status), null] AS k3, q
    WITH k2, k3, count(n0) AS c4, [count(n0), toFloat(sum(n0.amountUsd))] AS f5
    ORDER BY c4 DESC, k2[0], k3[0]
    LIMIT $p0
    RETURN collect([[k2, k3], f5]) AS a1
  }
  RETURN [a1] AS r0
}
RETURN q.number AS number, r0
