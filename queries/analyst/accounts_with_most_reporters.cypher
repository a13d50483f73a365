// Accounts that most different people have reported. Volume alone raises no link and no gate: it may be a campaign.
// about: reports
// params:
//   min_reporters int = 2 - how many different reporters at least
//   limit int = 50 - how many accounts to give
// returns:
//   account_id text
//   platform text
//   handle text
//   reporters int
//   reports int
//   dismissed int
MATCH (r:Report)-[:AGAINST]->(a:Account)
WITH a, count(DISTINCT r.reporter_ref) AS reporters, count(DISTINCT r.report_id) AS reports,
     count(CASE WHEN r.status = 'dismissed' THEN 1 END) AS dismissed
WHERE reporters >= $min_reporters
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, reporters, reports, dismissed
ORDER BY reporters DESC, reports DESC, account_id
LIMIT $limit
