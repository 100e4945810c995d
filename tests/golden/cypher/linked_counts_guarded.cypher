// Parameters: p0, visible
UNWIND $p0 AS id
MATCH (o:Country {id: id})
CALL (o) {
  MATCH (o)<-[:OF]-(n0)
  WHERE n0.visibility IN $visible
  RETURN count(n0) AS a1
}
RETURN id, [a1] AS r0
