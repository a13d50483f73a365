// The targets at whom the reports against two accounts are both aimed, the least reported first.
// about: targets
// params:
//   first text - one account
//   second text - the other account
// returns:
//   target_id text
//   first_reports int
//   second_reports int
//   all_reports int
MATCH (a:Account)<-[:AGAINST]-(r:Report)-[:AIMED_AT]->(t:Target)
WHERE a.account_id = $first
WITH t, count(DISTINCT r.report_id) AS first_reports
MATCH (b:Account)<-[:AGAINST]-(r:Report)-[:AIMED_AT]->(t)
WHERE b.account_id = $second
RETURN t.target_id AS target_id, first_reports, count(DISTINCT r.report_id) AS second_reports,
       COUNT { MATCH (:Report)-[:AIMED_AT]->(t) } AS all_reports
ORDER BY all_reports, target_id
