// Parameters: agreed, amount, amountUsd, applicant, asOf, coFinancing, country, currency, day, fundingCall, instruments, kinds, languages, near, offer, places, supply, topics, vector, visible
MATCH (c:Country {id: $country})
WITH [c.id] + [(c)-[:MEMBER_OF]->(g:CountryGroup) | g.id] AS mine
CALL () {
  MATCH (x:Document)
  SEARCH x IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE x.documentType = $offer AND x.visibility IN $visible AND x.date < $asOf LIMIT $supply) SCORE AS score
  RETURN x, score * 2 - 1 AS similarity
  UNION
  MATCH (x:Document)
  SEARCH x IN (VECTOR INDEX document_vector_me5s_384 FOR $vector WHERE x.documentType = $fundingCall AND x.visibility IN $visible AND x.date < $asOf LIMIT $supply) SCORE AS score
  RETURN x, score * 2 - 1 AS similarity
}
WITH x, similarity, mine
WHERE coalesce(x.withdrawn, false) = false
  AND (similarity >= $near OR (x:FundingCall AND EXISTS { (x)-[:ABOUT]->(t:Topic) WHERE t.id IN $topics }))
WITH x, similarity,
  any(audience IN [(x)-[:OPEN_TO]->(a) | a.id] WHERE audience IN mine) AS admitted,
  any(audience IN [(x)-[:NOT_OPEN_TO]->(a) | a.id] WHERE audience IN mine) AS excluded,
  CASE WHEN x.capacity IS NULL THEN 0 ELSE COUNT { (x)<-[:INCLUDES]-(m:Match) WHERE m.state IN $agreed } END AS taken
WITH x, similarity, taken, [failure IN [
    CASE WHEN NOT admitted OR excluded THEN ['AUDIENCE', null] END,
    CASE WHEN (size($kinds) > 0 AND NOT x.kind IN $kinds) OR (size($instruments) > 0 AND NOT x.instrument IN $instruments) THEN ['KIND', null] END,
    CASE WHEN size(x.applicants) > 0 AND NOT $applicant IN x.applicants THEN ['APPLICANT', null] END,
    CASE WHEN size($languages) > 0 AND size(x.languages) > 0 AND none(l IN x.languages WHERE l IN $languages) THEN ['LANGUAGE', null] END,
    CASE WHEN $day < x.opens THEN ['NOT_YET_OPEN', duration.inDays($day, x.opens).days] END,
    CASE WHEN $day > x.closes THEN ['CLOSED', duration.inDays(x.closes, $day).days] END,
    CASE WHEN CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN $amountUsd END < x.minimumAmount THEN ['MINIMUM_AMOUNT', x.minimumAmount - CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN $amountUsd END] END,
    CASE WHEN CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN $amountUsd END > x.maximumAmount THEN ['MAXIMUM_AMOUNT', CASE x.currency WHEN $currency THEN $amount WHEN 'USD' THEN $amountUsd END - x.maximumAmount] END,
    CASE WHEN x.coFinancingShare > $coFinancing THEN ['CO_FINANCING', x.coFinancingShare - $coFinancing] END,
    CASE WHEN $places > x.capacity - taken THEN ['CAPACITY', $places - (x.capacity - taken)] END
  ] WHERE failure IS NOT NULL] AS failed
WHERE size(failed) < 2
RETURN collect([x.id, [(x)-[:BY]->(p) | [p.id, head([(p)-[:BASED_IN]->(h:Country) | h.id])]], similarity, [(x)-[:ABOUT]->(t:Topic) | t.id], failed,
  CASE WHEN size(failed) = 0 THEN null ELSE [[(x)-[:OPEN_TO]->(a) | a.name], coalesce(x.kind, x.instrument), x.languages,
    x.minimumAmount, x.maximumAmount, x.currency, x.coFinancingShare, x.capacity - taken] END])
