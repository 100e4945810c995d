// Parameters: id
MATCH (t:Token {id: $id})
RETURN t {.id, .name, .role, .party, .createdAt, .expiresAt, .revokedAt, .secretHash}
ORDER BY t.createdAt, t.id
