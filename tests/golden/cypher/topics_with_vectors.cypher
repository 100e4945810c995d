// Parameters: none
MATCH (t:Topic)
WHERE t.vector_me5s_384 IS NOT NULL
RETURN t.id, t.name, reduce(words = t.name, k IN coalesce(t.keywords, []) | words + ' ' + k), t.vector_me5s_384
ORDER BY t.id
