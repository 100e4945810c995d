// Parameters: rows
UNWIND $rows AS row
MATCH (n:Project {id: row.from})
MATCH (t:Organization {id: row.to})
CREATE (n)<-[r:FUNDS]-(t)
SET r = row.properties
