// Pairs of accounts that show the same signal of one kind, on any platforms.
// about: evidence
// params:
//   kind text = link - which kind of signal: handle, display_name, bio, link, email_hmac, avatar_hash …
//   max_accounts int = 50 - leave out signals that more accounts show: they say little, and make very many pairs
// returns:
//   value text
//   left text
//   right text
//   left_platform text
//   right_platform text
MATCH (each:Account)-[:SHOWS]->(s:Signal)
WHERE s.kind = $kind
WITH s, count(DISTINCT each.account_id) AS accounts
WHERE accounts >= 2 AND accounts <= $max_accounts
MATCH (a:Account)-[:SHOWS]->(s)<-[:SHOWS]-(b:Account)
WHERE a.account_id < b.account_id
RETURN DISTINCT s.value AS value, a.account_id AS left, b.account_id AS right,
       a.platform AS left_platform, b.platform AS right_platform
ORDER BY value, left, right
