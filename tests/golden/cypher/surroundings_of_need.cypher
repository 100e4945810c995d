// Parameters: id, most, visible
MATCH (n:Need {id: $id})
WHERE n.visibility IN $visible
CALL (n) {
  MATCH (n)-[:OF]->(x:Country)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids0, count(x) AS count0
}
CALL (n) {
  MATCH (n)-[:STATED_BY]->(x:Post)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids1, count(x) AS count1
}
CALL (n) {
  MATCH (n)-[:MET_BY]->(x:Project|Partnership)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY coalesce(x.date, x.startDate) IS NULL, coalesce(x.date, x.startDate) DESC, x.id
  RETURN collect(x.id)[..$most] AS ids2, count(x) AS count2
}
CALL (n) {
  MATCH (n)-[:ABOUT]->(x:Topic)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids3, count(x) AS count3
}
CALL (n) {
  MATCH (n)-[:SOURCED_FROM]->(x:Source)
  WITH DISTINCT x
  ORDER BY x.id
  RETURN collect(x.id)[..$most] AS ids4, count(x) AS count4
}
CALL (n) {
  MATCH (n)<-[:ANSWERS]-(x:Partnership)
  WHERE x.visibility IN $visible
  WITH DISTINCT x
  ORDER BY x.date IS NULL, x.date DESC, x.id
  RETURN collect(x.id)[..$most] AS ids5, count(x) AS count5
}
RETURN [['country', ids0, count0], ['statedBy', ids1, count1], ['metBy', ids2, count2], ['topics', ids3, count3], ['sources', ids4, count4], ['partnerships', ids5, count5]]
