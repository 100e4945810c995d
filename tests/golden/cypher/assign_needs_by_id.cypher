// Parameters: ids, visible
UNWIND $ids AS id
MATCH (n:Need {id: id})
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
WITH n
MATCH (n)-[:OF]->(c:Country)
RETURN n.id, n.title + '. ' + n.description, n.lang, c.iso3, coalesce(c.languages, []), n.amountUsd, [(n)-[:ABOUT]->(t:Topic) | t.id], n.vector_me5s_384
