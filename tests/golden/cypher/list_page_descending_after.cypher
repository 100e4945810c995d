// Parameters: afterId, afterValue, limit, visible
MATCH (n:Project)
WHERE n.visibility IN $visible AND (n.startDate < $afterValue OR (n.startDate = $afterValue AND n.id > $afterId) OR n.startDate IS NULL)
WITH n
ORDER BY n.startDate IS NULL ASC, n.startDate DESC, n.id ASC
LIMIT $limit
RETURN n {.id, .title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility}, n.startDate
