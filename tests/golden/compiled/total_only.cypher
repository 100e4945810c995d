CALL () {
  RETURN [COUNT { MATCH (:Project) } - COUNT { MATCH (n1:Project) WHERE n1.visibility IN $hidden }] AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country)
    RETURN count(n2) AS a3
  }
  RETURN [a3] AS r1
}
RETURN r0, r1
