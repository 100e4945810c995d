// Parameters: p0, visible
UNWIND $p0 AS id
MATCH (o:Country {id: id})
RETURN id, [COUNT { (o)-[:MEMBER_OF]->() }] AS r0
