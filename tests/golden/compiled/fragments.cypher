CALL () {
  CALL () {
    MATCH (n0:Country {id: $p0})
    RETURN collect([n0.id, n0.capital, n0.name]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country {id: $p1})
    CALL (n2) {
      MATCH (n2)<-[:IN]-(n5:Project)
      WHERE n5.visibility IN $visible
      WITH n5
      ORDER BY n5.startDate IS NULL, n5.startDate DESC, n5.id
      LIMIT $p2
      RETURN collect([n5.id, n5.title, n5.status]) AS a4
    }
    RETURN collect([n2.id, [a4]]) AS a3
  }
  RETURN head(a3) AS r1
}
RETURN r0, r1
