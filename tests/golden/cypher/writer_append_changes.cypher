// Parameters: entries
UNWIND $entries AS entry
CREATE (c:Change)
SET c = entry
