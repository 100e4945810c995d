CALL () {
  MATCH (n0:Need {id: $p0})
  WHERE n0.visibility IN $visible
  CALL (n0) {
    MATCH (n0)-[:OF]->(n2)
    RETURN head(collect([n2.id, n2.name])) AS a3
  }
  RETURN collect([n0.id, n0.title, a3]) AS a1
}
RETURN head(a1) AS r0
