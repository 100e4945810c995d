// Parameters: p0, p1, visible
UNWIND $p1 AS id
MATCH (o:Country {id: id})
CALL (o) {
  MATCH (o)-[r2:MEMBER_OF]->(n1)
  WITH n1, r2
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .kind, .description, .sourceUrl, .withdrawn, .visibility, .version}, {}, null, n1.name]) AS a0
}
RETURN id, [a0] AS r0
