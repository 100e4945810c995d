CALL () {
  MATCH (n0:Project)
  WHERE n0.visibility IN $visible
  WITH DISTINCT n0, [toString(floor(n0.amountUsd / $p0) * $p0), null] AS k2
  WITH k2, count(n0) AS c3, [count(n0)] AS f4
  ORDER BY c3 DESC, k2[0]
  LIMIT $p1
  RETURN collect([[k2], f4]) AS a1
}
RETURN [a1] AS r0
