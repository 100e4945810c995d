// Parameters: none
MATCH (n:Observation)
WHERE (n.year IS NOT NULL AND NOT n.year IS :: INTEGER) OR n.year IS NULL OR n.year < 1900.0 OR n.year > 2100.0
RETURN n.id
LIMIT 1000
