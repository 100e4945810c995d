// Parameters: like, vector, visible
MATCH (d:Document)
SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.visibility IN $visible LIMIT 200) SCORE AS score
WITH d, score
WHERE score * 2 - 1 >= $like
RETURN d.id, d.documentType
ORDER BY score DESC, d.id
