// Parameters: day, visible
MATCH (x:Offer|FundingCall)
WHERE x.visibility IN $visible AND coalesce(x.withdrawn, false) = false AND (x.closes IS NULL OR x.closes >= $day)
RETURN x.id, [(x)-[:BY]->(p) | p.id], [(x)-[:ABOUT]->(t:Topic) | t.id],
  [(x)-[:OPEN_TO]->(a) | a.id], [(x)-[:NOT_OPEN_TO]->(a) | a.id], x.maximumAmount, x.currency
ORDER BY x.id
