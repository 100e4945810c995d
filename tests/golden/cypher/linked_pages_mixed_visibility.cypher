// Parameters: p0, p1, visible
UNWIND $p1 AS id
MATCH (o:Need {id: id})
CALL (o) {
  MATCH (o)-[r2:MET_BY]->(n1)
  WHERE n1.visibility IN $visible
  WITH n1, r2
  ORDER BY n1.title IS NULL, n1.title, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility, .version, .state, .modality, .date, .result}, {}, null, n1.title]) AS a0
}
RETURN id, [a0] AS r0
