// Parameters: kept, other
MATCH (o:Organization {id: $other})
DETACH DELETE o
MERGE (r:Redirect {id: $other})
SET r.to = $kept
WITH DISTINCT 1 AS once
MATCH (earlier:Redirect {to: $other})
SET earlier.to = $kept
