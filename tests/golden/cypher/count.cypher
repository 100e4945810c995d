// Parameters: visible
CALL () {
  MATCH (n0:Country)
  RETURN count(n0) AS a1
}
RETURN [a1] AS r0
