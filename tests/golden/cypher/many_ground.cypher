// Parameters: reads
UNWIND $reads AS q
CALL (q) {
  MATCH (c:Country {id: q.country})
  RETURN c.name AS name, c.region AS key,
    COLLECT { MATCH (p:Country {region: c.region}) WHERE p.id <> c.id RETURN p.id } AS region,
    COLLECT { MATCH (p:Country) WHERE p.id <> c.id AND any(l IN p.languages WHERE l IN c.languages) RETURN p.id } AS language
}
RETURN q.number AS number, name, key, region, language
