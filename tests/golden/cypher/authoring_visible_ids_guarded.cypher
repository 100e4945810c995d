// Parameters: ids, visible
UNWIND $ids AS id
MATCH (n:Project {id: id})
WHERE n.visibility IN $visible
RETURN n.id
