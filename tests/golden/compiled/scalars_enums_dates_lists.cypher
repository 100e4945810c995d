CALL () {
  CALL () {
    MATCH (n0:Project {id: $p0})
    WHERE n0.visibility IN $visible
    RETURN collect([n0.id, n0.title, n0.status, toString(n0.startDate), toFloat(n0.amountUsd), coalesce(n0.withdrawn, false)]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    MATCH (n2:Country {id: $p1})
    RETURN collect([n2.id, coalesce(n2.languages, []), n2.population, n2.name]) AS a3
  }
  RETURN head(a3) AS r1
}
RETURN r0, r1
