UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    CALL (q) {
      MATCH (n0:Country {id: q.p0})
      RETURN collect([n0.id, n0.name]) AS a1
    }
    RETURN head(a1) AS r0
  }
  CALL (q) {
    CALL (q) {
      MATCH (n3:Topic)
      WHERE n3.name IS NOT NULL
      WITH n3, q
      ORDER BY n3.name, n3.id
      LIMIT $p1
      RETURN collect([n3.id, n3.name]) AS a2
    }
    RETURN [a2] AS r1
  }
  CALL (q) {
    RETURN [COUNT { MATCH (:Need) } - COUNT { MATCH (n5:Need) WHERE n5.visibility IN $hidden }] AS r2
  }
  RETURN r0, r1, r2
}
RETURN q.number AS number, r0, r1, r2
