CALL () {
  MATCH (n1:Need)
  WHERE n1.visibility IN $visible AND (n1.status = $p1 OR n1.amountUsd > $p2 AND NOT coalesce(n1.title STARTS WITH $p3, false)) AND NOT coalesce((n1.deadline IS NULL) = $p4, false) AND n1.date IS NOT NULL
  WITH n1
  ORDER BY n1.date DESC, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.title]) AS a0
}
RETURN [a0] AS r0
