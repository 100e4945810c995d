// Parameters: country, peers, records, topics, visible
MATCH (own:Country {id: $country})
CALL (own) {
  MATCH (own)<-[:FROM|IN|DEPLOYED_IN]-(d:Practice|Project|Solution)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
  MATCH (d)-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic)
  RETURN collect(DISTINCT t.id) AS done
}
UNWIND $peers AS id
MATCH (p:Country {id: id})
CALL (p, done) {
  MATCH (p)<-[:FROM|IN|DEPLOYED_IN]-(d:Practice|Project|Solution)
  WHERE d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
  MATCH (d)-[:ABOUT]->(t:Topic)
  WHERE NOT t.id IN done
  WITH DISTINCT t, d
  ORDER BY d.date IS NULL, d.date DESC, d.id
  WITH t.id AS topic, collect(d.id) AS records
  ORDER BY size(records) DESC, topic
  LIMIT $topics
  RETURN topic, records
}
RETURN id, topic, size(records), records[..$records]
