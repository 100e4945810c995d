// Parameters: country, funder, most, never, nowhere, provider, recipient, records, speaking, topic, visible
CALL () {
  MATCH (d:Partnership)-[:BETWEEN {role: $recipient}]->(recipient:Country)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND EXISTS { (d)-[:ABOUT]->(:Topic {id: $topic}) }
  MATCH (d)-[:BETWEEN {role: $funder}]->(f:Organization|Country)
  MATCH (d)-[:BETWEEN {role: $provider}]->(p:Organization|Country)
  RETURN f, p, recipient, d
  UNION
  MATCH (f:Organization|Country)-[:FUNDS]->(d:Project)<-[:SUPPORTS]-(p:Organization|Country)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND EXISTS { (d)-[:ABOUT]->(:Topic {id: $topic}) }
  MATCH (d)-[:IN]->(recipient:Country)
  RETURN f, p, recipient, d
}
WITH f, p, recipient, d, [x IN [f, p] WHERE NOT coalesce(x.kind, '') IN $nowhere | coalesce(head([(x)-[:BASED_IN]->(h:Country) | h]), x)] AS homes
WHERE f <> p AND NOT recipient IN homes AND (size(homes) < 2 OR homes[0] <> homes[1])
WITH CASE WHEN f:Country THEN f ELSE coalesce(head([(f)-[:BASED_IN]->(home:Country) WHERE f.kind IN $speaking | home]), f) END AS funder, CASE WHEN p:Country THEN p ELSE coalesce(head([(p)-[:BASED_IN]->(home:Country) WHERE p.kind IN $speaking | home]), p) END AS provider, recipient, d
WHERE $country IN [funder.id, provider.id, recipient.id]
WITH DISTINCT funder, provider, recipient, d
ORDER BY d.date IS NULL, d.date DESC, d.id
WITH funder, provider, recipient, collect(d) AS documents
ORDER BY size(documents) DESC, coalesce(head(documents).date, $never) DESC, funder.id, provider.id, recipient.id
LIMIT $most
RETURN funder.id, provider.id, recipient.id, size(documents), [d IN documents[..$records] | d.id],
  [funder.name, provider.name, recipient.name]
