// Parameters: hidden, visible
RETURN [COUNT { MATCH (:Need) } - COUNT { MATCH (n1:Need) WHERE n1.visibility IN $hidden }] AS r0
