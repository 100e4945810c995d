// Parameters: ids
UNWIND $ids AS id
MATCH (n:Project {id: id})
MATCH (n)-[r:IN]->(t:Country)
DELETE r
