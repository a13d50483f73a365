// Pairs of accounts that show the same signal of one kind, on any platforms.
// params:
//   kind text = link - which kind of signal: handle, display_name, bio, link, email_hmac, avatar_hash …
// returns:
//   value text
//   left text
//   right text
//   left_platform text
//   right_platform text
MATCH (a:Account)-[:SHOWS]->(s:Signal)<-[:SHOWS]-(b:Account)
WHERE s.kind = $kind AND a.account_id < b.account_id
RETURN DISTINCT s.value AS value, a.account_id AS left, b.account_id AS right,
       a.platform AS left_platform, b.platform AS right_platform
ORDER BY value, left, right
