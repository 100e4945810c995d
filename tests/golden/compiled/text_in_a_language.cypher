CALL () {
  MATCH (n0:Country {id: $p0})
  RETURN collect([n0.id, coalesce(n0.nameFr, n0.name), coalesce(n0.nameAr, n0.name)]) AS a1
}
RETURN head(a1) AS r0
