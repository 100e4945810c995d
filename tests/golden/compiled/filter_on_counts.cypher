CALL () {
  CALL () {
    MATCH (n1:Country)
    WHERE COUNT { (n1)-[:MEMBER_OF]->(:CountryGroup) } > $p1 AND COUNT { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible } <= $p2 AND COUNT { MATCH (n1)<-[:IN]-(x2:Project) WHERE x2.visibility IN $visible } >= $p3 AND n1.name IS NOT NULL
    WITH n1
    ORDER BY n1.name, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a4
  }
  CALL (a4) {
    WITH a4
    WHERE size(a4) < $p0
    CALL () {
      MATCH (n1:Country)
      WHERE COUNT { (n1)-[:MEMBER_OF]->(:CountryGroup) } > $p4 AND COUNT { MATCH (n1)<-[:IN]-(x3:Project) WHERE x3.visibility IN $visible } <= $p5 AND COUNT { MATCH (n1)<-[:IN]-(x3:Project) WHERE x3.visibility IN $visible } >= $p6 AND n1.name IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a6
    }
    RETURN coalesce(head(collect(a6)), []) AS a5
  }
  UNWIND a4 + a5 AS n1
  WITH n1
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
