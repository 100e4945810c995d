// Parameters: ids, visible
UNWIND $ids AS id
MATCH (o:Country {id: id})
RETURN id, COUNT {
  MATCH (o)-[r:MEMBER_OF]->(n:CountryGroup)
  }
