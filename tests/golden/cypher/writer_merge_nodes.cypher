// Parameters: rows
UNWIND $rows AS row
MERGE (n:Observation {id: row.id})
SET n += row.properties, n.version = coalesce(n.version, 0) + 1
