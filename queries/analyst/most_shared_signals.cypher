// Signals that most accounts show: either a ring, or a value so common that it says nothing.
// about: evidence
// params:
//   min_accounts int = 2 - how many accounts must show it
//   limit int = 50 - how many signals to give
// returns:
//   kind text
//   value text
//   accounts int
//   platforms int
MATCH (a:Account)-[:SHOWS]->(s:Signal)
WITH s.kind AS kind, s.value AS value, count(DISTINCT a.account_id) AS accounts, count(DISTINCT a.platform) AS platforms
WHERE accounts >= $min_accounts
RETURN kind, value, accounts, platforms
ORDER BY accounts DESC, kind, value
LIMIT $limit
