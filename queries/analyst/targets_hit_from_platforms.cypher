// Targets at whom reported abuse is aimed from several platforms.
// about: targets
// params:
//   min_platforms int = 3 - from how many platforms at least
// returns:
//   target_id text
//   platforms int
//   accounts int
//   reports int
MATCH (r:Report)-[:AIMED_AT]->(t:Target)
WITH t.target_id AS target_id, count(DISTINCT r.platform) AS platforms,
     count(DISTINCT r.account_id) AS accounts, count(DISTINCT r.report_id) AS reports
WHERE platforms >= $min_platforms
RETURN target_id, platforms, accounts, reports
ORDER BY platforms DESC, reports DESC, target_id
