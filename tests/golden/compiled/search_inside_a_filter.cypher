CALL () {
  CALL db.index.fulltext.queryNodes('project_text', $p1, {limit: 1000}) YIELD node AS h4, score AS s5
  RETURN collect(h4.id) AS hits3
}
CALL (hits3) {
  CALL (hits3) {
    MATCH (n1:Country)
    WHERE EXISTS { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible AND x2.id IN hits3 } AND n1.name IS NOT NULL
    WITH n1, hits3
    ORDER BY n1.name, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a7
  }
  CALL (a7, hits3) {
    WITH a7, hits3
    WHERE size(a7) < $p0
    CALL (hits3) {
      MATCH (n1:Country)
      WHERE EXISTS { MATCH (n1)<-[:IN]-(x6:Project) WHERE x6.visibility IN $visible AND x6.id IN hits3 } AND n1.name IS NULL
      WITH n1, hits3
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a9
    }
    RETURN coalesce(head(collect(a9)), []) AS a8
  }
  UNWIND a7 + a8 AS n1
  WITH n1, hits3
  LIMIT $p0
  CALL (n1, hits3) {
    MATCH (n1)<-[:IN]-(n11:Project)
    WHERE n11.visibility IN $visible AND n11.id IN hits3
    WITH n11, hits3
    ORDER BY n11.startDate IS NULL, n11.startDate DESC, n11.id
    LIMIT $p2
    RETURN collect([n11.id, n11.title]) AS a10
  }
  RETURN collect([n1.id, n1.name, [a10]]) AS a0
}
RETURN [a0] AS r0
