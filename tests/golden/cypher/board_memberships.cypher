// Parameters: none
MATCH (c:Country)
RETURN c.id, [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id]
ORDER BY c.id
