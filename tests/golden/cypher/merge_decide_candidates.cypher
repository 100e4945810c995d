// Parameters: kept, other
MATCH (m:MergeCandidate)
WHERE (m.kept = $kept AND m.other = $other) OR (m.kept = $other AND m.other = $kept)
SET m.state = 'MERGED'
