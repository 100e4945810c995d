// Parameters: parties
UNWIND $parties AS id
MATCH (p:Organization|Country {id: id})<-[:AT]-(o:Post)
WITH id, collect(o.id) AS posts
RETURN collect([id, posts])
