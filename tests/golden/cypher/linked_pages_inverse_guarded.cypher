// Parameters: ids, limit, visible
UNWIND $ids AS id
MATCH (o:Country {id: id})
CALL (o) {
  MATCH (o)<-[r:IN]-(n:Project)
  WHERE n.visibility IN $visible
  WITH n, r
  ORDER BY n.startDate IS NULL ASC, n.startDate DESC, n.id ASC
  LIMIT $limit
  RETURN collect([n {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility}, n.startDate, r {}]) AS items
}
RETURN id, items
