CALL () {
  MATCH (n0:Country {id: $p0})
  RETURN collect([n0.id, n0.name, n0.capital]) AS a1
}
RETURN head(a1) AS r0
