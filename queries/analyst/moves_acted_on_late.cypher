// Accounts that somebody is suspected to have moved to, and that nobody acted on in time after their first report.
// about: moves
// params:
//   within days = 7 - acted in time: within this time after the first report that was not dismissed
// returns:
//   migration_id text
//   kind text
//   account_id text
//   platform text
//   reports int
//   first_reported_at time
//   first_acted_at time
//   match_probability float
//   standing text
MATCH (m:Migration)-[:`TO`]->(a:Account)<-[:AGAINST]-(r:Report)
WHERE r.status IS NULL OR r.status <> 'dismissed'
WITH m, a, min(r.reported_at) AS reported, count(r) AS reports
WHERE reported IS NOT NULL
OPTIONAL MATCH (e:Enforcement)-[:ENFORCED_ON]->(a)
WHERE e.at_latest >= reported
  AND NOT e.action IN ['none', 'note', 'triage', 'escalated', 'referred_le', 'account_restored', 'content_restored']
WITH m, a, reported, reports, min(e.at_latest) AS acted
WHERE acted IS NULL OR acted > reported + $within
RETURN m.migration_id AS migration_id, m.kind AS kind, a.account_id AS account_id, a.platform AS platform,
       reports AS reports, reported AS first_reported_at, acted AS first_acted_at,
       m.match_probability AS match_probability, m.standing AS standing
ORDER BY first_reported_at, migration_id
