// Parameters: none
MATCH (c:Country)
RETURN c.id, [c.name, c.nameAr, c.nameEs, c.nameFr, c.nameRu, c.nameZh, c.officialName]
ORDER BY c.id
