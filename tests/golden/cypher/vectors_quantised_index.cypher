// Parameters: name
SHOW VECTOR INDEXES YIELD name, options
WHERE name = $name AND options.indexConfig['vector.quantization.type'] <> 'NONE'
RETURN name
