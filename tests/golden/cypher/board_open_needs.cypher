// Parameters: funder, status, visible
MATCH (n:Need {status: $status})-[:OF]->(c:Country)
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
RETURN n.id, c.id, n.amountUsd, [(n)-[:ABOUT]->(t:Topic) | t.id],
  COLLECT {
    MATCH (n)-[:MET_BY]->(d:Project)<-[:FUNDS]-(f:Organization|Country)
    WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
    RETURN f.id
    UNION
    MATCH (n)-[:MET_BY]->(d:Partnership)-[:BETWEEN {role: $funder}]->(f:Organization|Country)
    WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
    RETURN f.id
    UNION
    MATCH (n)<-[:ANSWERS]-(d:Partnership)-[:BETWEEN {role: $funder}]->(f:Organization|Country)
    WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
    RETURN f.id
  }
ORDER BY n.id
