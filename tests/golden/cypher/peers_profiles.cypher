// Parameters: none
MATCH (c:Country)
RETURN c.id, c.name, c.population, c.gdpPerCapita, coalesce(c.languages, []), c.region, c.subregion
ORDER BY c.id
