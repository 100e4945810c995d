// Parameters: country, parties, vector, visible
UNWIND $parties AS id
MATCH (p:Organization|Country {id: id})
MATCH (p)<-[:BASED_IN]-{0,1}()<-[:BY]-(x:Offer)
WHERE x.visibility IN $visible AND coalesce(x.withdrawn, false) = false
WITH DISTINCT x, coalesce(vector.similarity.cosine(x.vector_me5s_384, $vector), 0.5) * 2 - 1 AS similarity
CALL (x) {
  MATCH (x)-[:BY]->(p)
  RETURN collect(p.id) AS providers
}
RETURN x.id, x.title, providers,
  EXISTS { (x)-[:OPEN_TO]->(:Country {id: $country}) } OR EXISTS { (x)-[:OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {id: $country}) },
  EXISTS { (x)-[:NOT_OPEN_TO]->(:Country {id: $country}) } OR EXISTS { (x)-[:NOT_OPEN_TO]->(:CountryGroup)<-[:MEMBER_OF]-(:Country {id: $country}) },
  x.opens, x.closes, null AS minimum, null AS maximum, null AS currency, [] AS applicants, similarity,
  [(x)-[:ABOUT]->(t:Topic) | t.id]
