// Parameters: ids, limit, visible
UNWIND $ids AS id
MATCH (o:Country {id: id})
CALL (o) {
  MATCH (o)-[r:MEMBER_OF]->(n:CountryGroup)
    WITH n, r
  ORDER BY n.name IS NULL ASC, n.name ASC, n.id ASC
  LIMIT $limit
  RETURN collect([n {.id, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .kind, .description, .sourceUrl, .withdrawn, .visibility, .version}, n.name, r {}]) AS items
}
RETURN id, items
