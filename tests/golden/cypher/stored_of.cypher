// Parameters: need
MATCH (n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]
ORDER BY m.rank, m.id
