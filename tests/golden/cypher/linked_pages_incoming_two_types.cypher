// Parameters: ids, limit, visible
UNWIND $ids AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)<-[r:FUNDS]-(n:Organization|Country)
    WITH n, r
  ORDER BY coalesce(n.name) IS NULL ASC, coalesce(n.name) ASC, n.id ASC
  LIMIT $limit
  RETURN collect([n {.id, .name, .shortName, .aliases, .kind, .iatiId, .website, .description, .lang, .sourceUrl, .withdrawn, .visibility, .version, .iso3, .iso2, .m49, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders}, coalesce(n.name), r {}]) AS items
}
RETURN id, items
