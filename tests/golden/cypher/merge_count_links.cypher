// Parameters: other
MATCH (o:Organization {id: $other})
RETURN COUNT { (o)--() }
