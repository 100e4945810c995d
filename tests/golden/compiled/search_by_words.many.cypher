UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    CALL db.index.fulltext.queryNodes('project_text', q.p1, {limit: 1000}) YIELD node AS n1, score AS s2
    WITH n1, s2, q
    WHERE n1.visibility IN $visible AND n1.status = q.p2
    WITH n1, s2, q
    ORDER BY s2 DESC, n1.id
    LIMIT $p0
    RETURN collect([n1.id, s2, s2, n1.title]) AS a0
  }
  CALL (q) {
    CALL db.index.fulltext.queryNodes('project_text', q.p3, {limit: 1000}) YIELD node AS n3, score AS s5
    WITH n3, s5, q
    WHERE n3.visibility IN $visible AND n3.status = q.p4
    RETURN count(n3) AS a4
  }
  RETURN [a0, a4] AS r0
}
RETURN q.number AS number, r0
