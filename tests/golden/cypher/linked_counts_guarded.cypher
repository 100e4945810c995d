// Parameters: ids, visible
UNWIND $ids AS id
MATCH (o:Country {id: id})
RETURN id, COUNT {
  MATCH (o)<-[r:OF]-(n:Need)
  WHERE n.visibility IN $visible
}
