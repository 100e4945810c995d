// Parameters: declined, needs
UNWIND $needs AS need
MATCH (:Need {id: need})<-[:FOR]-(m:Match {state: $declined})-[:WITH]->(p)
RETURN need, p.id, p.name, m.declineReason
ORDER BY p.id
