// Parameters: match
MATCH (n:Need)<-[:FOR]-(m:Match {id: $match})-[:WITH]->(p)
RETURN properties(m), n.id, p.id, [(m)-[:INCLUDES]->(x) | x.id]
