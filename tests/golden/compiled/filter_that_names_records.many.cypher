UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    CALL (q) {
      UNWIND q.p1 AS id
      MATCH (x9:Country {id: id})
      RETURN sum(COUNT { ()-[:IN]->(x9) }) AS c5
    }
    CALL (q) {
      MATCH (n1:Project)
      RETURN count(n1) AS c6
    }
    CALL (c5, c6, q) {
      WITH c5, c6, q
      WHERE c5 * c5 > c6 * $p0
      CALL (q) {
        MATCH (n1:Project)
        WHERE n1.visibility IN $visible AND n1.startDate <= q.p2 AND EXISTS { MATCH (n1)-[:IN]->(x4:Country) WHERE x4.id IN q.p1 }
        WITH n1, q
        ORDER BY n1.startDate DESC, n1.id
        LIMIT $p0
        RETURN collect(n1) AS a10
      }
      RETURN coalesce(head(collect(a10)), []) AS a7
    }
    CALL (c5, c6, q) {
      WITH c5, c6, q
      WHERE c5 * c5 <= c6 * $p0
      CALL (q) {
        UNWIND q.p1 AS i3
        MATCH (x2:Country {id: i3})
        MATCH (n1:Project)-[:IN]->(x2:Country)
        WHERE n1.visibility IN $visible AND n1.startDate <= q.p2
        WITH DISTINCT n1, q
        WITH n1, q
        ORDER BY n1.startDate IS NULL, n1.startDate DESC, n1.id
        LIMIT $p0
        RETURN collect(n1) AS a11
      }
      RETURN coalesce(head(collect(a11)), []) AS a8
    }
    UNWIND a7 + a8 AS n1
    WITH n1, q
    RETURN collect([n1.id, n1.title]) AS a0
  }
  CALL (q) {
    UNWIND q.p1 AS i15
    MATCH (x14:Country {id: i15})
    MATCH (n12:Project)-[:IN]->(x14:Country)
    WHERE n12.visibility IN $visible AND n12.startDate <= q.p2
    WITH DISTINCT n12, q
    RETURN count(n12) AS a13
  }
  RETURN [a0, a13] AS r0
}
RETURN q.number AS number, r0
