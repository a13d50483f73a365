// Accounts that several sources have reported, so that no single one decides what is known of them.
// about: accounts
// params:
//   min_sources int = 2 - in how many sources at least
// returns:
//   account_id text
//   platform text
//   handle text
//   sources int
//   reports int
MATCH (r:Report)-[:AGAINST]->(a:Account)
WITH a, count(DISTINCT r.source) AS sources, count(DISTINCT r.report_id) AS reports
WHERE sources >= $min_sources
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, sources, reports
ORDER BY sources DESC, reports DESC, account_id
