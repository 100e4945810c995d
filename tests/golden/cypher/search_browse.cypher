// Parameters: visible
MATCH (d:Document)
WHERE d.visibility IN $visible
RETURN d.id, d.documentType
ORDER BY d.date IS NULL, d.date DESC, coalesce(d.title, d.name), d.id
LIMIT 1000
