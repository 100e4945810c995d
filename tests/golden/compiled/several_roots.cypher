CALL () {
  CALL () {
    MATCH (n0:Country {id: $p0})
    RETURN collect([n0.id, n0.name]) AS a1
  }
  RETURN head(a1) AS r0
}
CALL () {
  CALL () {
    CALL () {
      MATCH (n3:Topic)
      WHERE n3.name IS NOT NULL
      WITH n3
      ORDER BY n3.name, n3.id
      LIMIT $p1
      RETURN collect(n3) AS a4
    }
    CALL (a4) {
      WITH a4
      WHERE size(a4) < $p1
      CALL () {
        MATCH (n3:Topic)
        WHERE n3.name IS NULL
        WITH n3
        ORDER BY n3.id
        LIMIT $p1
        RETURN collect(n3) AS a6
      }
      RETURN coalesce(head(collect(a6)), []) AS a5
    }
    UNWIND a4 + a5 AS n3
    WITH n3
    LIMIT $p1
    RETURN collect([n3.id, n3.name]) AS a2
  }
  RETURN [a2] AS r1
}
CALL () {
  CALL () {
    MATCH (n7:Need)
    WHERE n7.visibility IN $visible
    RETURN count(n7) AS a8
  }
  RETURN [a8] AS r2
}
RETURN r0, r1, r2
