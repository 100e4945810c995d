// Parameters: after, countries, prefixes, records, until, visible
MATCH (c:Change)
WHERE c.sequence > $after AND c.sequence <= $until AND c.visibility IN $visible AND split(c.record, ':')[0] IN $prefixes AND c.record IN $records
CALL (c) {
  MATCH (n:Country {id: c.record}) WHERE n.id IN $countries RETURN n.id AS seen
  UNION ALL
  MATCH (n:Observation {id: c.record}) WHERE (EXISTS { (n)-[:FOR]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Organization {id: c.record}) WHERE (EXISTS { (n)-[:BASED_IN]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Post {id: c.record}) WHERE (EXISTS { (n)-[:AT]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Project {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:IN]->(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)<-[:FUNDS]-(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)<-[:IMPLEMENTS]-(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)<-[:SUPPORTS]-(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Practice {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:FROM]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Solution {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:DEPLOYED_IN]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Offer {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:BY]->(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)-[:OPEN_TO]->(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)-[:NOT_OPEN_TO]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:FundingCall {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:BY]->(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)-[:OPEN_TO]->(t:Country) WHERE t.id IN $countries } OR EXISTS { (n)-[:NOT_OPEN_TO]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Need {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:OF]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Partnership {id: c.record}) WHERE n.visibility IN $visible AND (EXISTS { (n)-[:BETWEEN]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Forum {id: c.record}) WHERE (EXISTS { (n)-[:IN]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Commitment {id: c.record}) WHERE (EXISTS { (n)-[:BY]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
  UNION ALL
  MATCH (n:EssentialService {id: c.record}) WHERE (EXISTS { (n)-[:CHOSEN_BY]->(t:Country) WHERE t.id IN $countries }) RETURN n.id AS seen
}
RETURN c.sequence, c.at, c.action, c.record, c.changed
ORDER BY c.sequence
