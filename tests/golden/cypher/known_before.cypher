// Parameters: asOf, visible
MATCH (d:Document)
WHERE d.date < $asOf AND d.visibility IN $visible
RETURN d.id
LIMIT 1
