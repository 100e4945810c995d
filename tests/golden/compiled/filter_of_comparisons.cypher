CALL () {
  MATCH (n0:Project)
  WHERE n0.visibility IN $visible AND toLower(n0.title) CONTAINS toLower($p0) AND n0.status IN $p1 AND n0.startDate < $p2 AND n0.startDate >= $p3 AND (n0.amountUsd IS NULL) = $p4
  RETURN count(n0) AS a1
}
RETURN [a1] AS r0
