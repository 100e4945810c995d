// Parameters: levels
MATCH (n:Project)<-[r:FUNDS]-()
WHERE (n.amountUsd IS NULL) <> (r.projectAmountUsd IS NULL) OR n.amountUsd <> r.projectAmountUsd OR ($levels[n.visibility] IS NULL) <> (r.projectLevel IS NULL) OR $levels[n.visibility] <> r.projectLevel
RETURN DISTINCT n.id
LIMIT 1000
