// Parameters: value
MATCH (s:Sequence {id: 'sequence:change'})
SET s.value = $value
