// Parameters: ids, party, visible
UNWIND $ids AS id
MATCH (c:Country)<-[:OF]-(n:Need)<-[:FOR]-(m:Match {id: id})-[:WITH]->(p)
WHERE n.visibility IN $visible AND $party IN [c.id, p.id]
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id], coalesce(n.withdrawn, false)
ORDER BY m.rank, m.id
