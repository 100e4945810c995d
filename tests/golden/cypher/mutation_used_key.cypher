// Parameters: id
MATCH (k:IdempotencyKey {id: $id})
RETURN k.fingerprint, k.record
