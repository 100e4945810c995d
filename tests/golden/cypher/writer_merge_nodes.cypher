// Parameters: rows
UNWIND $rows AS row
MERGE (n:Observation {id: row.id})
SET n += row.properties
