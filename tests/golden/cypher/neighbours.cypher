// Parameters: blindFrom, country, english, near, vector, visible, wide
MATCH (d:Document)
SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $wide) SCORE AS score
WITH d, score
WHERE coalesce(d.withdrawn, false) = false AND (NOT EXISTS { (d)-[:IN|FROM|DEPLOYED_IN|BETWEEN]->(:Country {id: $country}) } OR d.date < $blindFrom) AND d.lang = $english
WITH d, score
ORDER BY score DESC, d.id
LIMIT $near
RETURN collect(coalesce(d.title, d.name) + '. ' + coalesce(d.summary, '')) AS texts
