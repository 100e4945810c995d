// Parameters: agreed, amount, applicant, coFinancing, currency, day, instruments, kinds, languages, places, status, visible
MATCH (x:Offer|FundingCall)
WHERE x.visibility IN $visible AND coalesce(x.withdrawn, false) = false AND (x.closes IS NULL OR x.closes >= $day)
WITH x, [(x)-[:OPEN_TO]->(a) | a.id] AS openTo, [(x)-[:NOT_OPEN_TO]->(a) | a.id] AS notOpenTo,
  CASE WHEN x.capacity IS NULL THEN 0 ELSE COUNT { (x)<-[:INCLUDES]-(m:Match) WHERE m.state IN $agreed } END AS taken
MATCH (x)-[:ABOUT]->(:Topic)<-[:ABOUT]-(n:Need {status: $status})
WHERE n.visibility IN $visible AND coalesce(n.withdrawn, false) = false
WITH DISTINCT x, openTo, notOpenTo, taken, n
WITH n, n.amountUsd AS amountUsd, collect({x: x, openTo: openTo, notOpenTo: notOpenTo, taken: taken}) AS supply
MATCH (n)-[:OF]->(c:Country)
WITH n, amountUsd, supply, [c.id] + [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id] AS mine
UNWIND supply AS one
WITH n, amountUsd, one.x AS x, one.taken AS taken,
  any(audience IN one.openTo WHERE audience IN mine) AS admitted, any(audience IN one.notOpenTo WHERE audience IN mine) AS excluded
WITH n, x, [failure IN [
    CASE WHEN NOT admitted OR excluded THEN ['AUDIENCE', null] END,
    CASE WHEN (size($kinds) > 0 AND NOT x.kind IN $kinds) OR (size($instruments) > 0 AND NOT x.instrument IN $instruments) THEN ['KIND', null] END,
    CASE WHEN size(x.applicants) > 0 AND NOT $applicant IN x.applicants THEN ['APPLICANT', null] END,
    CASE WHEN size($languages) > 0 AND size(x.languages) > 0 AND none(l IN x.languages WHERE l IN $languages) THEN ['LANGUAGE', null] END,
    CASE WHEN $day < x.opens THEN ['NOT_YET_OPEN', duration.inDays($day, x.opens).days] END,
    CASE WHEN $day > x.closes THEN ['CLOSED', duration.inDays(x.closes, $day).days] END,
    CASE WHEN CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN amountUsd END < x.minimumAmount THEN ['MINIMUM_AMOUNT', x.minimumAmount - CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN amountUsd END] END,
    CASE WHEN CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN amountUsd END > x.maximumAmount THEN ['MAXIMUM_AMOUNT', CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN amountUsd END - x.maximumAmount] END,
    CASE WHEN x.coFinancingShare > $coFinancing THEN ['CO_FINANCING', x.coFinancingShare - $coFinancing] END,
    CASE WHEN $places > x.capacity - taken THEN ['CAPACITY', $places - (x.capacity - taken)] END
  ] WHERE failure IS NOT NULL] AS failed
WHERE size(failed) = 0
RETURN n.id, collect(x.id)
ORDER BY n.id
