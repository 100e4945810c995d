// Parameters: kinds, parties, receiving, visible
UNWIND $parties AS id
MATCH (o:Organization {id: id})
WHERE o.kind IN $kinds
CALL (o) {
  MATCH (o)-[:FUNDS|IMPLEMENTS|SUPPORTS]->(d:Project)-[:IN]->(c:Country)
  WHERE d.visibility IN $visible
  RETURN c.region AS region, d
  UNION
  MATCH (o)<-[b:BETWEEN]-(d:Partnership)-[:BETWEEN {role: $receiving}]->(c:Country)
  WHERE b.role <> $receiving AND d.visibility IN $visible
  RETURN c.region AS region, d
}
WITH id, region, count(DISTINCT d) AS records
WHERE region IS NOT NULL
WITH id, collect([region, records]) AS regions
RETURN collect([id, regions])
