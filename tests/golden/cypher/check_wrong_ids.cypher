// Parameters: prefix
MATCH (n:Country)
WHERE n.id IS NULL OR NOT n.id STARTS WITH $prefix
RETURN coalesce(n.id, elementId(n))
LIMIT 1000
