// Parameters: cases, parties, visible
CALL () {
  UNWIND $parties AS id
  MATCH (p:Organization|Country {id: id})
  RETURN collect([id, head([(p)-[:BASED_IN]->(c:Country) | c.id]), [(p)<-[:AT]-(o:Post) | o.id], COLLECT { MATCH (p)<-[:BASED_IN]-(o:Organization) WHERE EXISTS { (o)<-[:BY]-(:Offer) } RETURN o.id }]) AS around
}
CALL () {
  UNWIND $cases AS id
  MATCH (d:Document {id: id})
  RETURN collect([id, [(d)-[r:IN|FROM]->(c:Country) | [c.id, type(r)]] + [(d)-[:BETWEEN {role: 'RECIPIENT'}]->(c:Country) | [c.id, 'BETWEEN']], [(d)-[:USES]->(s:Solution) WHERE s.visibility IN $visible | s.id]]) AS about
}
RETURN around, about
