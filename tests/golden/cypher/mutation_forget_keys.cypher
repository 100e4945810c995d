// Parameters: days
MATCH (k:IdempotencyKey)
WHERE k.createdAt < datetime() - duration({days: $days})
WITH k
LIMIT 100
DELETE k
