CALL () {
  CALL () {
    MATCH (n0:Project)
    WHERE n0.visibility IN $visible
    RETURN count(n0) AS a1
  }
  RETURN [a1] AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country)
    RETURN count(n2) AS a3
  }
  RETURN [a3] AS r1
}
RETURN r0, r1
