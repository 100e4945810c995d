// Parameters: visible
MATCH (n:Country)
RETURN count(n)
