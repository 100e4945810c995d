// Parameters: id, visible
MATCH (n:Need {id: $id})
RETURN n.version, coalesce(n.withdrawn, false), n.visibility IN $visible
