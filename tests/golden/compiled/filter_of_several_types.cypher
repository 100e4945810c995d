CALL () {
  MATCH (n0:Project)
  WHERE n0.visibility IN $visible AND EXISTS { MATCH (n0)<-[:FUNDS]-(x2:Organization|Country) WHERE x2:Organization AND x2.kind = $p0 }
  RETURN count(n0) AS a1
}
RETURN [a1] AS r0
