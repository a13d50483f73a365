// The signals that one account shows, when, in which source, and how many other accounts show each.
// about: accounts
// params:
//   account_id text - the account
// returns:
//   kind text
//   value text
//   source text
//   context text
//   first_seen time
//   last_seen time
//   others int
MATCH (a:Account)-[r:SHOWS]->(s:Signal)
WHERE a.account_id = $account_id
OPTIONAL MATCH (other:Account)-[:SHOWS]->(s)
WHERE other.account_id <> $account_id
RETURN s.kind AS kind, s.value AS value, r.source AS source, r.context AS context, r.first_seen AS first_seen,
       r.last_seen AS last_seen, count(DISTINCT other.account_id) AS others
ORDER BY kind, value, source
