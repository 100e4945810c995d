// Parameters: ids
UNWIND $ids AS id
MATCH (r:Redirect {id: id})
RETURN r.id, r.to
