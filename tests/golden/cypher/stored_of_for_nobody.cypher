// Parameters: need
MATCH (c:Country)<-[:OF]-(n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)
WHERE false
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]
ORDER BY m.rank, m.id
