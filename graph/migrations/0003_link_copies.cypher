// Links of a project repeat who may see it and how much money it is, so that totals and sums need no look at the project.
MATCH (p:Project)-[r:IN|FUNDS|IMPLEMENTS|SUPPORTS]-()
SET r.projectLevel = CASE p.visibility WHEN 'PUBLIC' THEN 0 WHEN 'MEMBERS' THEN 1 ELSE 2 END, r.projectAmountUsd = p.amountUsd
