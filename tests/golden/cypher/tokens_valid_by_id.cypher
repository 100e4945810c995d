// Parameters: id
MATCH (t:Token {id: $id})
WHERE t.revokedAt IS NULL AND (t.expiresAt IS NULL OR t.expiresAt > datetime())
RETURN t.id
