CALL () {
  CALL db.index.fulltext.queryNodes('project_text', $p1, {limit: 1000}) YIELD node AS h4, score AS s5
  RETURN collect(h4.id) AS hits3
}
CALL (hits3) {
  MATCH (n1:Country)
  WHERE EXISTS { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible AND x2.id IN hits3 } AND n1.name IS NOT NULL
  WITH n1, hits3
  ORDER BY n1.name, n1.id
  LIMIT $p0
  CALL (n1, hits3) {
    MATCH (n1)<-[:IN]-(n7:Project)
    WHERE n7.visibility IN $visible AND n7.id IN hits3
    WITH n7, hits3
    ORDER BY n7.startDate IS NULL, n7.startDate DESC, n7.id
    LIMIT $p2
    RETURN collect([n7.id, n7.title]) AS a6
  }
  RETURN collect([n1.id, n1.name, [a6]]) AS a0
}
RETURN [a0] AS r0
