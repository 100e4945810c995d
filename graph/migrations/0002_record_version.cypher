// Records written before versions were counted begin with 1.
MATCH (n)
WHERE n.hash IS NOT NULL AND n.version IS NULL
SET n.version = 1;
// An entry of the log says who could see its record after the change. Of older ones it is only known who can see it now.
MATCH (c:Change)
WHERE c.visibility IS NULL
MATCH (n:Document|Outcome {id: c.record})
SET c.visibility = n.visibility;
MATCH (c:Change)
WHERE c.visibility IS NULL AND split(c.record, ':')[0] IN ['observation', 'post', 'session', 'evidence', 'source', 'ingest-run', 'pillar']
SET c.visibility = 'PUBLIC'
