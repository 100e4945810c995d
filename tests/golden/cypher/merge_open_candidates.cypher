// Parameters: open
MATCH (m:MergeCandidate {state: $open})
OPTIONAL MATCH (keptGone:Redirect {id: m.kept})
MATCH (kept:Organization {id: coalesce(keptGone.to, m.kept)})
OPTIONAL MATCH (otherGone:Redirect {id: m.other})
MATCH (other:Organization {id: coalesce(otherGone.to, m.other)})
WITH m, kept, other
WHERE kept <> other
RETURN m.id, kept.id, kept.name, head([(kept)-[:BASED_IN]->(c:Country) | c.iso3]), COUNT { (kept)--() }, other.id, other.name, head([(other)-[:BASED_IN]->(c:Country) | c.iso3]), COUNT { (other)--() }, m.score, m.reason
ORDER BY m.score DESC, m.id
