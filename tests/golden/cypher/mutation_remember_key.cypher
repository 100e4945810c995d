// Parameters: key
CREATE (k:IdempotencyKey)
SET k = $key
