// Parameters: p0, p1, p2, p3, visible
UNWIND $p3 AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)<-[r2:FUNDS]-(n1)
  WHERE (n1.name <= $p1 AND (n1.name < $p1 OR n1.id < $p2))
  WITH n1, r2
  ORDER BY n1.name IS NULL DESC, n1.name DESC, n1.id DESC
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .name, .shortName, .aliases, .kind, .iatiId, .website, .description, .lang, .sourceUrl, .withdrawn, .visibility, .version, .iso3, .iso2, .m49, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders}, {}, null, n1.name]) AS a0
}
RETURN id, [a0] AS r0
