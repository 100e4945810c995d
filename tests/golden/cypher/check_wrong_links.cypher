// Parameters: none
MATCH (n:Observation)
WHERE NOT EXISTS { (n)-[:OF]->(t:Indicator) } OR COUNT { (n)-[:OF]->(t:Indicator) } > 1 OR EXISTS { (n)-[:OF]->(t) WHERE NOT t:Indicator }
RETURN n.id
LIMIT 1000
