// Parameters: ids
UNWIND $ids AS id
MATCH (d:Need {id: id})
RETURN d.id, d {.title, .description}, d.lang, d.vector_me5s_384_hash
