// Parameters: kept, other
MATCH (h:Statement {record: $other})
SET h.record = $kept
