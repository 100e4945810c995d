// Parameters: visible
CALL () {
  MATCH (n0:Need)
  WHERE n0.visibility IN $visible
  RETURN count(n0) AS a1
}
RETURN [a1] AS r0
