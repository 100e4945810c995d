// Parameters: need, visible
MATCH (c:Country)<-[:OF]-(n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)
WHERE n.visibility IN $visible
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]
ORDER BY m.rank, m.id
