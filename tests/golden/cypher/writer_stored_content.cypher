// Parameters: ids
UNWIND $ids AS id
MATCH (n:Project {id: id})
RETURN n.id, n {.title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility}, {countries: [(n)-[r:IN]->(t:Country) | [t.id, properties(r)]], funders: [(n)<-[r:FUNDS]-(t:Organization|Country) | [t.id, properties(r)]], implementers: [(n)<-[r:IMPLEMENTS]-(t:Organization|Country) | [t.id, properties(r)]], supporters: [(n)<-[r:SUPPORTS]-(t:Organization|Country) | [t.id, properties(r)]], topics: [(n)-[r:ABOUT]->(t:Topic) | [t.id, properties(r)]], solutions: [(n)-[r:USES]->(t:Solution) | [t.id, properties(r)]], sources: [(n)-[r:SOURCED_FROM]->(t:Source) | [t.id, properties(r)]]}
