CALL () {
  MATCH (n0:Practice {id: $p0})
  WHERE n0.visibility IN $visible
  CALL (n0) {
    MATCH (n0)-[:FROM]->(n2)
    RETURN head(collect([n2.id, n2.name])) AS a3
  }
  CALL (n0) {
    MATCH (n0)-[:BY]->(n4)
    RETURN head(collect([n4.id, n4.name])) AS a5
  }
  RETURN collect([n0.id, a3, a5]) AS a1
}
RETURN head(a1) AS r0
