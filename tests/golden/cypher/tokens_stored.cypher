// Parameters: none
MATCH (t:Token)
RETURN t {.id, .name, .role, .party, .createdAt, .expiresAt, .revokedAt, .secretHash}
ORDER BY t.createdAt, t.id
