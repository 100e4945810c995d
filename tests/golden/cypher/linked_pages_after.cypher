// Parameters: p0, p1, p2, p3, visible
UNWIND $p3 AS id
MATCH (o:Country {id: id})
CALL (o) {
  MATCH (o)<-[r2:IN]-(n1:Project)
  WHERE n1.visibility IN $visible AND (n1.startDate <= $p1 AND (n1.startDate < $p1 OR n1.id > $p2) OR n1.startDate IS NULL)
  WITH n1, r2
  ORDER BY n1.startDate IS NULL, n1.startDate DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility, .version}, {}, null, CASE WHEN n1.startDate IS NULL THEN null ELSE {d: toString(n1.startDate)} END]) AS a0
}
RETURN id, [a0] AS r0
