// The reports that point at one content, oldest first, each with the account that it is against.
// about: reports
// params:
//   content_id text - the content
// returns:
//   report_id text
//   source text
//   reported_at time
//   category text
//   gate text
//   status text
//   account_id text
MATCH (r:Report)-[:POINTS_AT]->(c:Content)
WHERE c.content_id = $content_id
RETURN r.report_id AS report_id, r.source AS source, r.reported_at AS reported_at, r.category_reported AS category,
       r.gate AS gate, r.status AS status, r.account_id AS account_id
ORDER BY reported_at, report_id
