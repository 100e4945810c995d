// Parameters: candidates, profiles, reads, visible, wide
UNWIND $reads AS q
CALL (q) {
  CALL (q) {
    MATCH (d:Document)
    SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR q.vector WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
    WITH d, score, d.id AS id
    WHERE coalesce(d.withdrawn, false) = false
    WITH id, score
    ORDER BY score DESC, id
    RETURN collect(id) AS byVector
  }
  CALL (q) {
    UNWIND q.terms AS sought
    CALL db.index.fulltext.queryNodes('document_text', sought, {limit: $wide}) YIELD node AS d, score
    WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
    WITH d.id AS id, score
    ORDER BY score DESC, id
    LIMIT $candidates
    RETURN collect(id) AS byText
  }
  CALL (q) {
    UNWIND q.phrases AS sought
    CALL db.index.fulltext.queryNodes('document_text', sought, {limit: $wide}) YIELD node AS d, score
    WHERE d.evidence = true AND d.visibility IN $visible AND coalesce(d.withdrawn, false) = false
    WITH d.id AS id, score
    ORDER BY score DESC, id
    LIMIT $candidates
    RETURN collect(id) AS byName
  }
  CALL (q) {
    UNWIND q.directions AS direction
    MATCH (d:Document)
    SEARCH d IN (VECTOR INDEX document_vector_me5s_384 FOR direction WHERE d.evidence = true AND d.visibility IN $visible LIMIT $candidates) SCORE AS score
    WITH d, score, d.id AS id
    WHERE coalesce(d.withdrawn, false) = false
    WITH id, score
    ORDER BY score DESC, id
    RETURN collect(id) AS byTopic
  }
  CALL (q) {
    MATCH (o:Document)
    SEARCH o IN (VECTOR INDEX document_vector_me5s_384 FOR q.vector WHERE o.documentType = 'Organization' LIMIT $profiles) SCORE AS score
    WITH o.id AS id, score
    ORDER BY score DESC, id
    RETURN collect(id) AS byProfile
  }
  RETURN byVector, byText, byName, byTopic, byProfile
}
RETURN q.number AS number, byVector, byText, byName, byTopic, byProfile
