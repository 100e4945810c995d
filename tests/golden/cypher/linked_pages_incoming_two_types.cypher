// Parameters: p0, p1, visible
UNWIND $p1 AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)<-[r2:FUNDS]-(n1)
  WITH n1, r2
  ORDER BY n1.name IS NULL, n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .name, .shortName, .aliases, .kind, .iatiId, .website, .description, .lang, .sourceUrl, .withdrawn, .visibility, .version, .iso3, .iso2, .m49, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders}, {}, null, n1.name]) AS a0
}
RETURN id, [a0] AS r0
