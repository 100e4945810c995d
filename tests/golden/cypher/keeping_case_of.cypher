// Parameters: case, need, partner
MATCH (n:Need {id: $need})-[:OF]->(c:Country)
MATCH (p:Organization|Country {id: $partner})
OPTIONAL MATCH (had:Partnership {id: $case})
RETURN n.title, n.description, n.lang, n.visibility, c.id, c.name, p.name, had.date, had.state, [(n)-[:ABOUT]->(t:Topic) | t.id]
