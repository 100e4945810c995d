// Parameters: rows
UNWIND $rows AS row
CALL (row) {
MATCH (c:Country {id: row.country})
RETURN c.name AS name, c.region AS key,
  COLLECT { MATCH (p:Country {region: c.region}) WHERE p.id <> c.id RETURN p.id } AS region,
  COLLECT { MATCH (p:Country) WHERE p.id <> c.id AND any(l IN p.languages WHERE l IN c.languages) RETURN p.id } AS language,
  COLLECT {
    MATCH (c)-[:MEMBER_OF]->(g:CountryGroup)<-[:MEMBER_OF]-(p:Country)
    WITH p, toFloat(count(g)) AS both
    RETURN [p.id, both / (COUNT { (c)-[:MEMBER_OF]->() } + COUNT { (p)-[:MEMBER_OF]->() } - both)]
  } AS likeness
}
RETURN row.number, name, key, region, language, likeness
