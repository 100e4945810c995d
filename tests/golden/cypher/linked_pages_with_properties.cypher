// Parameters: p0, p1, visible
UNWIND $p1 AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)-[r2:SOURCED_FROM]->(n1)
  WITH n1, r2
  ORDER BY n1.title, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .title, .publisher, .licence, .retrieved, .description, .sourceUrl, .withdrawn, .version}, r2 {.row, .url}, null, n1.title]) AS a0
}
RETURN id, [a0] AS r0
