// Parameters: id, most, visible
MATCH (n:Country {id: $id})
CALL (n) {
  MATCH (n)-[:MEMBER_OF]->(x:CountryGroup)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids0, count(x) AS count0
}
CALL (n) {
  MATCH (n)-[:SOURCED_FROM]->(x:Source)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids1, count(x) AS count1
}
CALL (n) {
  MATCH (n)<-[:BASED_IN]-(x:Organization)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids2, count(x) AS count2
}
CALL (n) {
  MATCH (n)<-[:AT]-(x:Post)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids3, count(x) AS count3
}
CALL (n) {
  MATCH (n)<-[:IN]-(x:Project)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.startDate IS NULL, x.startDate DESC, x.id
  RETURN collect(x.id)[..$most] AS ids4, count(x) AS count4
}
CALL (n) {
  MATCH (n)-[:FUNDS]->(x:Project)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.startDate IS NULL, x.startDate DESC, x.id
  RETURN collect(x.id)[..$most] AS ids5, count(x) AS count5
}
CALL (n) {
  MATCH (n)-[:IMPLEMENTS]->(x:Project)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.startDate IS NULL, x.startDate DESC, x.id
  RETURN collect(x.id)[..$most] AS ids6, count(x) AS count6
}
CALL (n) {
  MATCH (n)-[:SUPPORTS]->(x:Project)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.startDate IS NULL, x.startDate DESC, x.id
  RETURN collect(x.id)[..$most] AS ids7, count(x) AS count7
}
CALL (n) {
  MATCH (n)<-[:FROM]-(x:Practice)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids8, count(x) AS count8
}
CALL (n) {
  MATCH (n)<-[:DEPLOYED_IN]-(x:Solution)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids9, count(x) AS count9
}
CALL (n) {
  MATCH (n)<-[:BY]-(x:Offer)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids10, count(x) AS count10
}
CALL (n) {
  MATCH (n)<-[:OPEN_TO]-(x:Offer)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids11, count(x) AS count11
}
CALL (n) {
  MATCH (n)<-[:BY]-(x:FundingCall)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids12, count(x) AS count12
}
CALL (n) {
  MATCH (n)<-[:OPEN_TO]-(x:FundingCall)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids13, count(x) AS count13
}
CALL (n) {
  MATCH (n)<-[:OF]-(x:Need)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids14, count(x) AS count14
}
CALL (n) {
  MATCH (n)<-[:BETWEEN]-(x:Partnership)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids15, count(x) AS count15
}
CALL (n) {
  MATCH (n)<-[:IN]-(x:Forum)
  WITH DISTINCT x
  ORDER BY x.starts IS NULL, x.starts DESC, x.id
  RETURN collect(x.id)[..$most] AS ids16, count(x) AS count16
}
CALL (n) {
  MATCH (n)<-[:BY]-(x:Commitment)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids17, count(x) AS count17
}
CALL (n) {
  MATCH (n)<-[:CHOSEN_BY]-(x:EssentialService)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids18, count(x) AS count18
}
RETURN [['groups', ids0, count0], ['sources', ids1, count1], ['organizations', ids2, count2], ['posts', ids3, count3], ['projects', ids4, count4], ['fundedProjects', ids5, count5], ['implementedProjects', ids6, count6], ['supportedProjects', ids7, count7], ['practices', ids8, count8], ['solutions', ids9, count9], ['offers', ids10, count10], ['openOffers', ids11, count11], ['fundingCalls', ids12, count12], ['openFundingCalls', ids13, count13], ['needs', ids14, count14], ['partnerships', ids15, count15], ['forums', ids16, count16], ['commitments', ids17, count17], ['essentialServices', ids18, count18]]
