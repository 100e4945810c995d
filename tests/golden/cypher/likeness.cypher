// Parameters: country
MATCH (c:Country {id: $country})-[:MEMBER_OF]->(g:CountryGroup)<-[:MEMBER_OF]-(p:Country)
WITH c, p, toFloat(count(g)) AS both
RETURN collect([p.id, both / (COUNT { (c)-[:MEMBER_OF]->() } + COUNT { (p)-[:MEMBER_OF]->() } - both)])
