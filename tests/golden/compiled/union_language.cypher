CALL () {
  MATCH (n1:Offer)
  WHERE n1.visibility IN $visible AND n1.date IS NOT NULL
  WITH n1
  ORDER BY n1.date DESC, n1.id
  LIMIT $p0
  CALL (n1) {
    MATCH (n1)-[:BY]->(n3)
    WITH n3
    ORDER BY n3.name IS NULL, n3.name, n3.id
    LIMIT $p1
    RETURN collect([n3.id, coalesce(n3.aliases, []), coalesce(n3.nameAr, n3.name)]) AS a2
  }
  RETURN collect([n1.id, [a2]]) AS a0
}
RETURN [a0] AS r0
