// Parameters: p0, p1, p2, visible
CALL () {
  MATCH (n1:Project)
  WHERE n1.visibility IN $visible AND (n1.startDate >= $p1 AND (n1.startDate > $p1 OR n1.id < $p2))
  WITH n1
  ORDER BY n1.startDate, n1.id DESC
  LIMIT $p0
  RETURN collect([n1.id, n1 {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility, .version}, {}, null, CASE WHEN n1.startDate IS NULL THEN null ELSE {d: toString(n1.startDate)} END]) AS a0
}
RETURN [a0] AS r0
