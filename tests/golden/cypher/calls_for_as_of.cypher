// Parameters: asOf, country, vector, visible
MATCH (x:Document)
SEARCH x IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE x.documentType = 'FundingCall' AND x.visibility IN $visible AND x.date < $asOf LIMIT 200) SCORE AS score
WITH x, score * 2 - 1 AS similarity
WHERE coalesce(x.withdrawn, false) = false
CALL (x) {
  MATCH (x)-[:BY]->(p)
  RETURN collect(p.id) AS providers
}
RETURN x.id, x.title, providers,
  EXISTS { (x)-[:OPEN_TO]->(:Country {id: $country}) } OR EXISTS { (x)-[:OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {id: $country}) },
  EXISTS { (x)-[:NOT_OPEN_TO]->(:Country {id: $country}) } OR EXISTS { (x)-[:NOT_OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {id: $country}) },
  x.opens, x.closes, x.minimumAmount AS minimum, x.maximumAmount AS maximum, x.currency AS currency, coalesce(x.applicants, []) AS applicants, similarity,
  [(x)-[:ABOUT]->(t:Topic) | t.id]
