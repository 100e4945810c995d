// Parameters: ids, visible
UNWIND $ids AS id
MATCH (n:Need {id: id})
WHERE n.visibility IN $visible
RETURN n {.id, .title, .description, .amount, .currency, .amountUsd, .date, .datePrecision, .deadline, .status, .lang, .sourceUrl, .withdrawn, .visibility, .version}
