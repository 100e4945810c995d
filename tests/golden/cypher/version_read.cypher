// Parameters: none
OPTIONAL MATCH (s:Sequence {id: 'sequence:change'})
OPTIONAL MATCH (c:Change {id: 'change:' + toString(s.value)})
OPTIONAL MATCH (r:State {id: 'state:revision'})
RETURN s.value, toString(c.at), r.value, toString(r.at)
