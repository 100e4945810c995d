// Parameters: ids, visible
UNWIND $ids AS id
MATCH (d:Document {id: id})-[:ABOUT]->(:Topic)-[:PART_OF]->{0,1}(t:Topic)
RETURN t.id, count(DISTINCT d) AS n
ORDER BY n DESC, t.id
