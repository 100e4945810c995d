// Parameters: afterId, afterValue, limit, visible
MATCH (n:Country)
WHERE (n.name < $afterValue OR (n.name = $afterValue AND n.id < $afterId))
WITH n
ORDER BY n.name IS NULL DESC, n.name DESC, n.id DESC
LIMIT $limit
RETURN n {.id, .iso3, .iso2, .m49, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders, .sourceUrl, .withdrawn, .visibility, .version}, n.name
