// Parameters: need, visible
MATCH (n:Need {id: $need})-[:OF]->(c:Country)
WHERE n.visibility IN $visible
RETURN c.id, coalesce(n.withdrawn, false)
