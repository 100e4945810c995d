// Parameters: ids
UNWIND $ids AS id
MATCH (n:Project {id: id})
MATCH (n)<-[r:FUNDS]-(t:Organization|Country)
DELETE r
