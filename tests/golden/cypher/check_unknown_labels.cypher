// Parameters: known
MATCH (n)
WHERE NONE(l IN labels(n) WHERE l IN $known)
RETURN coalesce(n.id, elementId(n))
LIMIT 1000
