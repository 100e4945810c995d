// Parameters: ids, visible
UNWIND $ids AS id
MATCH (n:Country {id: id})
RETURN n.id
