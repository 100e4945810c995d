// Parameters: country, givers, links, most, never, open, provider, records, speaking, topic, visible
CALL () {
  MATCH (n:Need {status: $open})-[:OF]->(c:Country)
  WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
  RETURN collect(DISTINCT c) AS asking
}
MATCH (receiver:Country)<-[:OF]-(n:Need {status: $open})-[:ABOUT]->(t:Topic)
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false AND t.id = $topic
WITH asking, t, receiver, collect(n.id) AS needs
WITH asking, t, collect({country: receiver, needs: needs}) AS asked
CALL (asking, t) {
  MATCH (t)<-[:ABOUT]-(d:Practice|Project|Partnership)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
  CALL (d) {
    MATCH (d)-[:FROM|IN]->(giver:Country)
    RETURN giver
    UNION
    MATCH (d)-[:BETWEEN {role: $provider}]->(p:Organization|Country)
    RETURN CASE WHEN p:Country THEN p ELSE coalesce(head([(p)-[:BASED_IN]->(home:Country) WHERE p.kind IN $speaking | home]), p) END AS giver
  }
  WITH asking, giver, d
  WHERE giver IN asking
  RETURN giver, collect(DISTINCT d) AS found
}
UNWIND asked AS one
WITH giver, one.country AS receiver, one.needs AS needs, found
WHERE giver <> receiver
UNWIND found AS d
WITH giver, receiver, d, collect(needs) AS needs
ORDER BY d.date IS NULL, d.date DESC, d.id
WITH giver.id AS giver, receiver.id AS receiver, collect(d) AS documents,
  reduce(all = [], each IN collect(needs) | all + each) AS needs
WITH giver, receiver, documents, reduce(all = [], some IN needs | all + [need IN some WHERE NOT need IN all]) AS needs
ORDER BY size(documents) DESC, coalesce(head(documents).date, $never) DESC, giver
WITH receiver, collect({giver: giver, receiver: receiver, count: size(documents), newest: coalesce(head(documents).date, $never),
  records: [d IN documents[..$records] | d.id], needs: needs})[..$givers] AS best
UNWIND best AS link
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
