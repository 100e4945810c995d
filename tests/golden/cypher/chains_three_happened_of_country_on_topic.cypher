// Parameters: country, links, most, never, provider, recipient, records, speaking, topic, visible
CALL () {
  MATCH (d:Partnership)-[:BETWEEN {role: $provider}]->(p:Organization|Country)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND EXISTS { (d)-[:ABOUT]->(:Topic {id: $topic}) }
  MATCH (d)-[:BETWEEN {role: $recipient}]->(receiver:Country)
  RETURN CASE WHEN p:Country THEN p ELSE coalesce(head([(p)-[:BASED_IN]->(home:Country) WHERE p.kind IN $speaking | home]), p) END AS giver, receiver, d
  UNION
  MATCH (p:Organization|Country)-[:SUPPORTS|IMPLEMENTS]->(d:Project)-[:IN]->(receiver:Country)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND EXISTS { (d)-[:ABOUT]->(:Topic {id: $topic}) }
  WITH CASE WHEN p:Country THEN p ELSE coalesce(head([(p)-[:BASED_IN]->(home:Country) WHERE p.kind IN $speaking | home]), p) END AS giver, receiver, d
  WHERE NOT EXISTS { (d)-[:IN]->(giver) }
  RETURN giver, receiver, d
  UNION
  MATCH (receiver:Country)<-[:FROM]-(d:Practice)-[:ADAPTED_FROM]->(model:Practice)-[:FROM]->(giver:Country)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false AND model.visibility IN $visible AND coalesce(model.withdrawn, false) = false AND EXISTS { (d)-[:ABOUT]->(:Topic {id: $topic}) }
  RETURN giver, receiver, d
}
WITH giver, receiver, d
WHERE giver:Country AND giver <> receiver
WITH DISTINCT giver, receiver, d
ORDER BY d.date IS NULL, d.date DESC, d.id
WITH giver.id AS giver, receiver.id AS receiver, collect(d) AS documents
WITH {giver: giver, receiver: receiver, count: size(documents), newest: coalesce(head(documents).date, $never),
  records: [d IN documents[..$records] | d.id], needs: []} AS link
WITH link
ORDER BY link.count DESC, link.newest DESC, link.giver, link.receiver
WITH collect(link) AS links
WITH links, [link IN links | link.giver] AS givers, [link IN links | link.receiver] AS receivers
WITH [link IN links WHERE link.giver IN receivers AND link.receiver IN givers][..$links] AS links
UNWIND links AS link1
WITH * WHERE link1.giver < link1.receiver
UNWIND links AS link2
WITH * WHERE link2.giver = link1.receiver AND link2.giver > link1.giver AND link2.receiver <> link1.giver
UNWIND links AS link3
WITH * WHERE link3.giver = link2.receiver AND link3.giver > link1.giver AND link3.receiver = link1.giver
WITH [link1, link2, link3] AS chain
WHERE any(link IN chain WHERE link.giver = $country)
WITH chain, reduce(least = chain[0].count, link IN chain | CASE WHEN link.count < least THEN link.count ELSE least END) AS weakest,
  reduce(total = 0, link IN chain | total + link.count) AS total,
  reduce(newest = chain[0].newest, link IN chain | CASE WHEN link.newest > newest THEN link.newest ELSE newest END) AS newest
ORDER BY weakest DESC, total DESC, newest DESC, [link IN chain | link.giver]
LIMIT $most
RETURN chain, [link IN chain | head(COLLECT { MATCH (c:Country {id: link.giver}) RETURN c.name })]
