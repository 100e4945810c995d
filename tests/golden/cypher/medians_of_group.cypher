// Parameters: group
MATCH (:CountryGroup {id: $group})<-[:MEMBER_OF]-(:Country)<-[:FOR]-(o:Observation)-[:OF]->(i:Indicator)
RETURN i.code AS code, o.year AS year, count(o), percentileCont(o.value, 0.5)
ORDER BY code, year
