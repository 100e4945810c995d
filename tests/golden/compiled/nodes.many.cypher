UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    UNWIND q.p0 AS id
    MATCH (n0:Country {id: id})
    CALL (n0, q) {
      MATCH (n0:Topic)-[:PART_OF]->(n2)
      RETURN head(collect([n2.id, n2.name])) AS a3
    }
    RETURN collect([n0.id, n0.name, n0.capital, coalesce(n0.nameEs, n0.name), a3]) AS a1
  }
  CALL (q) {
    UNWIND q.p0 AS id
    MATCH (n4:Topic {id: id})
    CALL (n4, q) {
      MATCH (n4:Topic)-[:PART_OF]->(n6)
      RETURN head(collect([n6.id, n6.name])) AS a7
    }
    RETURN collect([n4.id, n4.name, n4.capital, coalesce(n4.nameEs, n4.name), a7]) AS a5
  }
  RETURN a1 + a5 AS r0
}
RETURN q.number AS number, r0
