// Parameters: reads
UNWIND $reads AS q
CALL (q) {
  CALL db.index.fulltext.queryNodes('document_name', q.terms, {limit: 60}) YIELD node AS d, score
  WHERE d:Solution OR d:Organization
  WITH d, score
  ORDER BY score DESC, d.id
  RETURN collect([d.id, [d.name, d.shortName] + coalesce(d.aliases, [])]) AS like
}
RETURN q.number AS number, like
