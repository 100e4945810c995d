// Parameters: visible
MATCH (n:Need)
WHERE n.visibility IN $visible
RETURN count(n)
