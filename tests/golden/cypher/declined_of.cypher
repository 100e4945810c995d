// Parameters: declined, need
MATCH (:Need {id: $need})<-[:FOR]-(m:Match {state: $declined})-[:WITH]->(p)
RETURN p.id, p.name, m.declineReason
ORDER BY p.id
