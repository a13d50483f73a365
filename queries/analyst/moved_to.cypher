// Where the operator of one account is suspected to have moved, along any number of moves up to four.
// about: moves
// params:
//   account_id text - the account to start at
// returns:
//   account_id text
//   platform text
//   handle text
//   moves int
MATCH path = (start:Account)-[:MOVED_TO*1..4]->(there:Account)
WHERE start.account_id = $account_id AND there.account_id <> $account_id
RETURN there.account_id AS account_id, there.platform AS platform, there.handle AS handle, min(length(path)) AS moves
ORDER BY moves, account_id
