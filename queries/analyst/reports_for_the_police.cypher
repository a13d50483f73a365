// Reports at the gates illegal and imminent that nobody has closed, imminent ones first.
// about: reports
// params: none
// returns:
//   report_id text
//   gate text
//   source text
//   platform text
//   account_id text
//   category text
//   reported_at time
//   status text
//   targets int
MATCH (r:Report)
WHERE r.gate IN ['illegal', 'imminent'] AND (r.status IS NULL OR r.status IN ['open', 'escalated'])
OPTIONAL MATCH (r)-[:AIMED_AT]->(t:Target)
RETURN r.report_id AS report_id, r.gate AS gate, r.source AS source, r.platform AS platform,
       r.account_id AS account_id, r.category_reported AS category, r.reported_at AS reported_at, r.status AS status,
       count(DISTINCT t.target_id) AS targets
ORDER BY gate DESC, reported_at, report_id
