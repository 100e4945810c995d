CALL () {
  MATCH (n1:Country)
  WHERE any(v IN $p1 WHERE v IN n1.languages) AND all(v IN $p2 WHERE v IN coalesce(n1.languages, [])) AND $p3 IN n1.languages AND n1.name IS NOT NULL
  WITH n1
  ORDER BY n1.name, n1.id
  LIMIT $p0
  RETURN collect([n1.id, n1.name]) AS a0
}
RETURN [a0] AS r0
