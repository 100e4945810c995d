// Parameters: p0, p1, p2, visible
CALL () {
  MATCH (n1:Country)
  WHERE (n1.name >= $p1 AND (n1.name > $p1 OR n1.id > $p2))
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .iso3, .iso2, .m49, .name, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders, .sourceUrl, .withdrawn, .visibility, .version}, {}, null, n1.name]) AS a0
}
RETURN [a0] AS r0
