// Parameters: a, b, visible
MATCH (a:Topic {id: $a})
MATCH (b:Source {id: $b})
MATCH p = SHORTEST 1 (a) (()-[:ABOUT|ADAPTED_FROM|ANSWERS|AT|BASED_IN|BETWEEN|BY|CHOSEN_BY|DEPLOYED_IN|FROM|FUNDS|IMPLEMENTS|IN|MADE_AT|MEMBER_OF|MET_BY|NOT_OPEN_TO|OF|OPEN_TO|PART_OF|SOURCED_FROM|STATED_BY|SUPPORTS|UNDER|USES]-(x WHERE x = b OR (x:Country|Organization|Post|Project|Practice|Solution|Offer|FundingCall|Need|Partnership|Forum|Commitment|EssentialService|Topic AND (x:Country|Organization|Post|Forum|Commitment|EssentialService|Topic OR x.visibility IN $visible)))){1,6} (b)
RETURN [n IN nodes(p) | n.id], [r IN relationships(p) | type(r)], [place IN range(0, length(p) - 1) | startNode(relationships(p)[place]) = nodes(p)[place]]
