// Parameters: rows
UNWIND $rows AS row
MATCH (n:Project {id: row.from})
MATCH (t:Country {id: row.to})
CREATE (n)-[r:IN]->(t)
SET r = row.properties
