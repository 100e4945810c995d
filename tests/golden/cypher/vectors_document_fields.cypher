// Parameters: none
MATCH (d:Practice)
RETURN d.id, d {.title, .summary, .problem, .approach, .results, .lessons, .whatFailed}, d.lang
