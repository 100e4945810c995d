// Parameters: none
MATCH (g:CountryGroup)
RETURN g.id, g.kind
ORDER BY g.id
