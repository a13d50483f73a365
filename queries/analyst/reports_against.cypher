// The reports against one account, oldest first, each with what it points at and at whom it is aimed, counted.
// about: reports
// params:
//   account_id text - the account
// returns:
//   report_id text
//   source text
//   reported_at time
//   category text
//   gate text
//   status text
//   contents int
//   targets int
MATCH (r:Report)-[:AGAINST]->(a:Account)
WHERE a.account_id = $account_id
OPTIONAL MATCH (r)-[:POINTS_AT]->(c:Content)
OPTIONAL MATCH (r)-[:AIMED_AT]->(t:Target)
RETURN r.report_id AS report_id, r.source AS source, r.reported_at AS reported_at, r.category_reported AS category,
       r.gate AS gate, r.status AS status, count(DISTINCT c.content_id) AS contents,
       count(DISTINCT t.target_id) AS targets
ORDER BY reported_at, report_id
