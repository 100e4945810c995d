// Parameters: ids, limit, visible
UNWIND $ids AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)-[r:SOURCED_FROM]->(n:Source)
    WITH n, r
  ORDER BY n.title IS NULL ASC, n.title ASC, n.id ASC
  LIMIT $limit
  RETURN collect([n {.id, .title, .publisher, .licence, .retrieved, .description, .sourceUrl, .withdrawn, .version}, n.title, r {.row, .url}]) AS items
}
RETURN id, items
