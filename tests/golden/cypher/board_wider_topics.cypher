// Parameters: none
MATCH (t:Topic)
RETURN t.id, head([(t)-[:PART_OF]->(w:Topic) | w.id])
ORDER BY t.id
