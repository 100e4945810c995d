// Parameters: most, status, visible
MATCH (n:Need {status: $status})-[:OF]->(c:Country)
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
RETURN n.id, n.title + '. ' + n.description, n.lang, c.iso3, coalesce(c.languages, []), n.amountUsd, [(n)-[:ABOUT]->(t:Topic) | t.id], n.vector_me5s_384
ORDER BY n.date DESC, n.id
LIMIT $most
