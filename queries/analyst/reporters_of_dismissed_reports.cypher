// Reporters whose reports were dismissed most often: a campaign of reports, or somebody whom a category confuses.
// about: reports
// params:
//   min_dismissed int = 2 - how many dismissed reports at least
// returns:
//   reporter_ref text
//   dismissed int
//   reports int
//   accounts int
//   first_reported_at time
//   last_reported_at time
MATCH (r:Report)
WHERE r.reporter_ref IS NOT NULL
WITH r.reporter_ref AS reporter_ref, count(CASE WHEN r.status = 'dismissed' THEN 1 END) AS dismissed,
     count(*) AS reports, count(DISTINCT r.account_id) AS accounts,
     min(r.reported_at) AS first_reported_at, max(r.reported_at) AS last_reported_at
WHERE dismissed >= $min_dismissed
RETURN reporter_ref, dismissed, reports, accounts, first_reported_at, last_reported_at
ORDER BY dismissed DESC, reports, reporter_ref
