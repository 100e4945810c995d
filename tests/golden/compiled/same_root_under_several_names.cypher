CALL () {
  CALL () {
    MATCH (n0:Country {id: $p0})
    RETURN collect([n0.id, n0.name]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country {id: $p0})
    RETURN collect([n2.id, n2.iso3]) AS a3
  }
  RETURN head(a3) AS r1
}
RETURN r0, r1
