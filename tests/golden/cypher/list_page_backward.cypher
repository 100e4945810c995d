// Parameters: p0, visible
CALL () {
  MATCH (n1:Country)
  WHERE n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name DESC, n1.id DESC
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .iso3, .iso2, .m49, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders, .sourceUrl, .withdrawn, .visibility, .version}, {}, null, n1.name]) AS a0
}
RETURN [a0] AS r0
