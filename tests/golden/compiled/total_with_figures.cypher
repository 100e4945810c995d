CALL () {
  MATCH (n1:Country)
  WHERE n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)<-[:IN]-(n2:Project)
    WHERE n2.visibility IN $visible
    RETURN count(n2) AS a3, [count(n2), toFloat(sum(n2.amountUsd)), [toFloat(sum(n2.amountUsd)), count(n2.amountUsd)]] AS a4
  }
  CALL (n1) {
    MATCH (n1)<-[:FOR]-(n5)
    RETURN [toFloat(max(n5.year))] AS a6
  }
  RETURN collect([n1.id, [a3, a4], [COUNT { (n1)<-[:FOR]-() }, a6]]) AS a0
}
RETURN [a0] AS r0
