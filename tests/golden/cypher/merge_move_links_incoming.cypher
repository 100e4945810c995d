// Parameters: kept, other
MATCH (o:Organization {id: $other})
MATCH (k:Organization {id: $kept})
MATCH (o)<-[r]-(t)
WHERE t <> k AND NOT EXISTS { (k)<-[same]-(t) WHERE type(same) = type(r) }
CREATE (k)<-[moved:$(type(r))]-(t)
SET moved = properties(r)
