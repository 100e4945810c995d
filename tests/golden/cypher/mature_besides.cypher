// Parameters: known, least
MATCH (c:Country {unStatus: 'MEMBER'})
WHERE NOT c.id IN $known
CALL (c) {
  MATCH (c)<-[:FOR]-(o:Observation)-[:OF]->(:Indicator {id: 'indicator:egdi'})
  RETURN o.value AS value
  ORDER BY o.year DESC
  LIMIT 1
}
WITH c, value
WHERE value >= $least
RETURN c.id
ORDER BY c.name, c.id
