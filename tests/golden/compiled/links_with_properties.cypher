CALL () {
  CALL () {
    MATCH (n0:Partnership {id: $p0})
    WHERE n0.visibility IN $visible
    CALL (n0) {
      MATCH (n0)-[r4:BETWEEN]->(n3)
      WITH n3, r4
      ORDER BY n3.name IS NULL, n3.name, n3.id
      LIMIT $p1
      RETURN collect([n3.id, r4.role, n3.name]) AS a2
    }
    RETURN collect([n0.id, [a2]]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    MATCH (n5:Country {id: $p2})
    CALL (n5) {
      MATCH (n5)<-[r9:BETWEEN]-(n8)
      WHERE n8.visibility IN $visible AND r9.role = $p4
      WITH n8, r9
      ORDER BY n8.date DESC, n8.id
      LIMIT $p3
      RETURN collect([n8.id, r9.role, n8.title]) AS a7
    }
    CALL (n5) {
      MATCH (n5)<-[r12:BETWEEN]-(n10)
      WHERE n10.visibility IN $visible AND r12.role = $p5
      RETURN count(n10) AS a11
    }
    RETURN collect([n5.id, [a7, a11]]) AS a6
  }
  RETURN head(a6) AS r1
}
RETURN r0, r1
