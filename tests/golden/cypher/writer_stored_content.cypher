// Parameters: ids
UNWIND $ids AS id
MATCH (n:Project {id: id})
RETURN n.id, n {.title, .summary, .status, .startDate, .endDate, .datePrecision, .amount, .currency, .amountDate, .amountUsd, .rating, .lang, .sourceUrl, .withdrawn, .visibility}, {countries: [(n)-[r:IN]->(t:Country) | [t.id, {}]], funders: [(n)<-[r:FUNDS]-(t:Organization|Country) | [t.id, {}]], implementers: [(n)<-[r:IMPLEMENTS]-(t:Organization|Country) | [t.id, {}]], supporters: [(n)<-[r:SUPPORTS]-(t:Organization|Country) | [t.id, {}]], topics: [(n)-[r:ABOUT]->(t:Topic) | [t.id, {}]], solutions: [(n)-[r:USES]->(t:Solution) | [t.id, {}]], sources: [(n)-[r:SOURCED_FROM]->(t:Source) | [t.id, r {.row, .url, .by, .hash, .dataset, .asOf, .gives, .yields, .withdrawn}]]}
