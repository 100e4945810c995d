// Parameters: ids
UNWIND $ids AS id
MATCH (p:Organization|Country {id: id})
RETURN p.id, p.name
