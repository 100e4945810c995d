// Parameters: hash
MATCH (t:Token {secretHash: $hash})
WHERE t.revokedAt IS NULL AND (t.expiresAt IS NULL OR t.expiresAt > datetime())
RETURN t.id, t.role, t.party
