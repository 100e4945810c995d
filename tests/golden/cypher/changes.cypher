// Parameters: after, prefixes, until, visible
MATCH (c:Change)
WHERE c.sequence > $after AND c.sequence <= $until AND c.visibility IN $visible AND split(c.record, ':')[0] IN $prefixes
CALL (c) {
  MATCH (n:Country {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:CountryGroup {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Indicator {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Observation {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Organization {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Post {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Topic {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Pillar {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Project {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Practice {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Solution {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Offer {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:FundingCall {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Need {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Partnership {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Outcome {id: c.record}) WHERE n.visibility IN $visible RETURN n.id AS seen
  UNION ALL
  MATCH (n:Forum {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Session {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Commitment {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Evidence {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:EssentialService {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Source {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:IngestRun {id: c.record}) RETURN n.id AS seen
  UNION ALL
  MATCH (n:Rejection {id: c.record}) WHERE 'MEMBERS' IN $visible RETURN n.id AS seen
}
RETURN c.sequence, c.at, c.action, c.record, c.changed
ORDER BY c.sequence
