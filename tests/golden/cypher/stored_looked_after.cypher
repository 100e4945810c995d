// Parameters: ids, visible
UNWIND $ids AS id
MATCH (c:Country)<-[:OF]-(n:Need)<-[:FOR]-(m:Match {id: id})-[:WITH]->(p)
WHERE n.visibility IN $visible
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id], coalesce(n.withdrawn, false)
ORDER BY m.rank, m.id
