UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    CALL (q) {
      MATCH (n1:Project)
      WHERE n1.visibility IN $visible AND (n1.startDate <= q.p1 AND (n1.startDate < q.p1 OR n1.id > q.p2))
      WITH n1, q
      ORDER BY n1.startDate DESC, n1.id
      LIMIT $p0
      RETURN collect(n1) AS a2
    }
    CALL (a2, q) {
      WITH a2, q
      WHERE size(a2) < $p0
      CALL (q) {
        MATCH (n1:Project)
        WHERE n1.visibility IN $visible AND n1.startDate IS NULL
        WITH n1, q
        ORDER BY n1.id
        LIMIT $p0
        RETURN collect(n1) AS a4
      }
      RETURN coalesce(head(collect(a4)), []) AS a3
    }
    UNWIND a2 + a3 AS n1
    WITH n1, q
    LIMIT $p0
    RETURN collect([n1.id, n1.title]) AS a0
  }
  RETURN [a0] AS r0
}
RETURN q.number AS number, r0
