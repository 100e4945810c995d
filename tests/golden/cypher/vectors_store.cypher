// Parameters: rows
UNWIND $rows AS row
MATCH (d:Document {id: row.id})
SET d.vector_me5s_384 = row.vector, d.vector_me5s_384_hash = row.hash
