// Parameters: ids, visible
UNWIND $ids AS id
MATCH (n:Country {id: id})
RETURN n {.id, .iso3, .iso2, .m49, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders, .sourceUrl, .withdrawn, .visibility, .version}
