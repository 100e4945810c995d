// Parameters: none
MATCH (s:Sequence {id: 'sequence:change'})
SET s.locked = true
RETURN s.value
