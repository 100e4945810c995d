// Parameters: value, visible
MATCH (n:Country {iso2: $value})
RETURN n {.id, .iso3, .iso2, .m49, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders, .sourceUrl, .withdrawn, .visibility, .version}
LIMIT 1
