CALL () {
  CALL () {
    MATCH (n1:Need)
    WHERE n1.visibility IN $visible AND (n1.status = $p1 OR n1.amountUsd > $p2 AND NOT coalesce(n1.title STARTS WITH $p3, false)) AND NOT coalesce((n1.deadline IS NULL) = $p4, false) AND n1.date IS NOT NULL
    WITH n1
    ORDER BY n1.date DESC, n1.id
    LIMIT $p0
    RETURN collect(n1) AS a2
  }
  CALL (a2) {
    WITH a2
    WHERE size(a2) < $p0
    CALL () {
      MATCH (n1:Need)
      WHERE n1.visibility IN $visible AND (n1.status = $p5 OR n1.amountUsd > $p6 AND NOT coalesce(n1.title STARTS WITH $p7, false)) AND NOT coalesce((n1.deadline IS NULL) = $p8, false) AND n1.date IS NULL
      WITH n1
      ORDER BY n1.id
      LIMIT $p0
      RETURN collect(n1) AS a4
    }
    RETURN coalesce(head(collect(a4)), []) AS a3
  }
  UNWIND a2 + a3 AS n1
  WITH n1
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
