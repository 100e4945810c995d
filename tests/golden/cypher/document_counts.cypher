// Parameters: parties, visible
UNWIND $parties AS id
MATCH (p:Organization|Country {id: id})
WITH id, COUNT { (p)-[:FUNDS|IMPLEMENTS|SUPPORTS]->(d:Project) WHERE d.visibility IN $visible }
  + COUNT { (p)<-[:BY|BETWEEN|FROM|IN]-(d:Document {evidence: true}) WHERE d.visibility IN $visible } AS documents
RETURN collect([id, documents])
