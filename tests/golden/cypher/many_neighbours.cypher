// Parameters: english, near, rows, visible, wide
UNWIND $rows AS row
CALL (row) {
MATCH (d:Document)
SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR row.vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $wide) SCORE AS score
WITH d, score
WHERE coalesce(d.withdrawn, false) = false AND d.lang = $english
WITH d, score
ORDER BY score DESC, d.id
LIMIT $near
RETURN collect(coalesce(d.title, d.name) + '. ' + coalesce(d.summary, '')) AS texts
}
RETURN row.number, texts
