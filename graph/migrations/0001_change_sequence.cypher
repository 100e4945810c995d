// The counter of the change log. Every writer takes its lock first, so that sequence is the order of commit.
MERGE (s:Sequence {id: 'sequence:change'})
ON CREATE SET s.value = 0
