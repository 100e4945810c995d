// Parameters: most, status, visible
MATCH (n:Need {status: $status})
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
WITH n
ORDER BY n.date DESC, n.id
LIMIT $most
MATCH (n)-[:OF]->(c:Country)
RETURN n.id, n.title + '. ' + n.description, n.lang, c.iso3, coalesce(c.languages, []), n.amountUsd, [(n)-[:ABOUT]->(t:Topic) | t.id], n.vector_me5s_384
ORDER BY n.date DESC, n.id
