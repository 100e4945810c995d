// Parameters: none
MATCH (s:Sequence {id: 'sequence:change'})
CALL () {
  MATCH (c:Change)
  RETURN count(c) AS entries, coalesce(max(c.sequence), 0) AS last, coalesce(min(c.sequence), 1) AS first
}
WITH s, entries, last, first
WHERE entries <> s.value OR last <> s.value OR first <> 1
RETURN s.id
