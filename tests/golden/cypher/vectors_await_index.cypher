// Parameters: name, seconds
CALL db.awaitIndex($name, $seconds)
