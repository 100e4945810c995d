// Parameters: country, giving, ids, receiving
UNWIND $ids AS id
MATCH (d:Document {id: id})
CALL (d) {
  MATCH (d)-[:BY]->(p:Organization|Country)
  RETURN p.id AS party, 'BY' AS relationship, d:Practice AS own
  UNION
  MATCH (d)<-[r:FUNDS|IMPLEMENTS|SUPPORTS]-(p:Organization|Country)
  RETURN p.id AS party, type(r) AS relationship,
    EXISTS { (d)-[:IN]->(p) } OR EXISTS { (d)-[:IN]->(:Country)<-[:BASED_IN]-(p) } AS own
  UNION
  MATCH (d)-[b:BETWEEN]->(p:Organization|Country)
  WHERE b.role IN $giving
  RETURN p.id AS party, 'BETWEEN' AS relationship, false AS own
  UNION
  MATCH (d)-[r:FROM|IN]->(p:Country)
  RETURN p.id AS party, type(r) AS relationship, true AS own
  UNION
  MATCH (d)-[b:BETWEEN {role: $receiving}]->(p:Country)
  RETURN p.id AS party, 'BETWEEN' AS relationship, true AS own
}
WITH d, party, relationship, own
WHERE party <> $country
WITH d, party, relationship, own
ORDER BY party, own, relationship
RETURN d.id, d.date, collect([party, relationship, own])
