// Parameters: need, party, visible
MATCH (c:Country)<-[:OF]-(n:Need {id: $need})<-[:FOR]-(m:Match)-[:WITH]->(p)
WHERE n.visibility IN $visible AND $party IN [c.id]
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]
ORDER BY m.rank, m.id
