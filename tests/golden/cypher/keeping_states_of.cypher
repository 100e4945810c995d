// Parameters: ids
UNWIND $ids AS id
MATCH (m:Match {id: id})
RETURN m.id, m.state, m.declineReason
