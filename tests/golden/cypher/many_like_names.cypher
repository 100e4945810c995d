// Parameters: rows
UNWIND $rows AS row
CALL (row) {
CALL db.index.fulltext.queryNodes('document_name', row.terms, {limit: 60}) YIELD node AS d, score
WHERE d:Solution OR d:Organization
WITH d, score
ORDER BY score DESC, d.id
RETURN collect([d.id, [d.name, d.shortName] + coalesce(d.aliases, [])]) AS like
}
RETURN row.number, like
