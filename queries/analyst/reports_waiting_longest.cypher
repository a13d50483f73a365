// Reports that nobody is known to have dealt with, the longest waiting first.
// about: reports
// params:
//   since time = 1995-01-01 - leave out reports from before this time
//   limit int = 50 - how many reports to give
// returns:
//   report_id text
//   source text
//   platform text
//   account_id text
//   category text
//   gate text
//   reported_at time
//   status text
MATCH (r:Report)
WHERE r.reported_at >= $since AND (r.status IS NULL OR r.status = 'open')
RETURN r.report_id AS report_id, r.source AS source, r.platform AS platform, r.account_id AS account_id,
       r.category_reported AS category, r.gate AS gate, r.reported_at AS reported_at, r.status AS status
ORDER BY reported_at, report_id
LIMIT $limit
