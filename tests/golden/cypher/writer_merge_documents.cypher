// Parameters: rows
UNWIND $rows AS row
MERGE (n:Project {id: row.id})
SET n:Document
SET n += row.properties, n.version = coalesce(n.version, 0) + 1
