// Parameters: afterId, afterValue, ids, limit, visible
UNWIND $ids AS id
MATCH (o:Project {id: id})
CALL (o) {
  MATCH (o)<-[r:FUNDS]-(n:Organization|Country)
  WHERE (coalesce(n.name) < $afterValue OR (coalesce(n.name) = $afterValue AND n.id < $afterId))
  WITH n, r
  ORDER BY coalesce(n.name) IS NULL DESC, coalesce(n.name) DESC, n.id DESC
  LIMIT $limit
  RETURN collect([n {.id, .name, .shortName, .aliases, .kind, .iatiId, .website, .description, .lang, .sourceUrl, .withdrawn, .visibility, .version, .iso3, .iso2, .m49, .nameAr, .nameEs, .nameFr, .nameRu, .nameZh, .officialName, .unStatus, .region, .subregion, .incomeGroup, .languages, .population, .populationYear, .gdpPerCapita, .gdpYear, .capital, .latitude, .longitude, .borders}, coalesce(n.name), r {}]) AS items
}
RETURN id, items
