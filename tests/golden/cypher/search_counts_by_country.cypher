// Parameters: ids, visible
UNWIND $ids AS id
MATCH (d:Document {id: id})
OPTIONAL MATCH (d)--(c:Country)
WITH d, collect(c) + CASE WHEN d:Country THEN [d] ELSE [] END AS countries
UNWIND countries AS c
RETURN c.id, count(DISTINCT d) AS n
ORDER BY n DESC, c.id
