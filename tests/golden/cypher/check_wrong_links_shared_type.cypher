// Parameters: none
MATCH (n:Practice)
WHERE EXISTS { (n)-[:ABOUT]->(t) WHERE NOT t:Topic }
RETURN n.id
LIMIT 1000
