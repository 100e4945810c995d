// Parameters: ids, limit, visible
UNWIND $ids AS id
MATCH (o:Need {id: id})
CALL (o) {
  MATCH (o)-[r:MET_BY]->(n:Project|Partnership)
  WHERE n.visibility IN $visible
  WITH n, r
  ORDER BY coalesce(n.title) IS NULL ASC, coalesce(n.title) ASC, n.id ASC
  LIMIT $limit
  RETURN collect([n {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility, .state, .modality, .date, .result}, coalesce(n.title), r {}]) AS items
}
RETURN id, items
