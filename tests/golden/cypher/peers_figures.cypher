// Parameters: codes, since
MATCH (i:Indicator)
WHERE i.code IN $codes
MATCH (i)<-[:OF]-(o:Observation)
WHERE o.year >= $since
MATCH (o)-[:FOR]->(c:Country)
WITH c, i.code AS code, o.year AS year, o.value AS value
ORDER BY year DESC
WITH c, code, head(collect([code, value, year])) AS newest
RETURN c.id, collect(newest)
