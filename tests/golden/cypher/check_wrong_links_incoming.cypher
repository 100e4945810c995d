// Parameters: none
MATCH (n:Evidence)
WHERE NOT EXISTS { (n)<-[:FULFILLED_BY]-(t:Commitment) } OR COUNT { (n)<-[:FULFILLED_BY]-(t:Commitment) } > 1
RETURN n.id
LIMIT 1000
