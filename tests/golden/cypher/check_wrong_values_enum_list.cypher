// Parameters: values
MATCH (n:FundingCall)
WHERE (n.applicants IS NOT NULL AND NOT n.applicants IS :: LIST<STRING>) OR (n.applicants IS NOT NULL AND any(v IN n.applicants WHERE NOT v IN $values))
RETURN n.id
LIMIT 1000
