// Parameters: ids, visible
UNWIND $ids AS id
MATCH (d:Document {id: id})
CALL (d) {
  MATCH (d)-[r:BY|FUNDS|IMPLEMENTS|SUPPORTS|BETWEEN|FROM|IN]-(p:Organization|Country)
  RETURN collect([p.id, type(r), r.role, head([(p)-[:BASED_IN]->(h:Country) | h.id])]) AS parties
}
RETURN collect([d.id, d.date, parties, [(d)-[:USES]->(s:Solution) WHERE s.visibility IN $visible | s.id]])
