CALL () {
  CALL () {
    MATCH (n0:Commitment)
    WHERE n0.version = $p0
    RETURN [toString(max(n0.due))] AS a1
  }
  RETURN [a1] AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country)
    RETURN [count(n2)] AS a3
  }
  RETURN [a3] AS r1
}
RETURN r0, r1
