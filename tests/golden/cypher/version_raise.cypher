// Parameters: none
MERGE (r:State {id: 'state:revision'})
SET r.value = coalesce(r.value, 0) + 1, r.at = datetime()
