// Accounts with reports that came after a platform had taken them down or limited them: the enforcement did not hold.
// about: enforcement
// params:
//   grace days = 2 - how long after the enforcement reports may still come in for what was before
// returns:
//   account_id text
//   platform text
//   handle text
//   action text
//   enforced_at time
//   reports_since int
//   last_reported_at time
MATCH (e:Enforcement)-[:ENFORCED_ON]->(a:Account)<-[:AGAINST]-(r:Report)
WHERE e.action IN ['account_suspended_temp', 'account_suspended_perm', 'login_disabled', 'account_terminated',
                   'account_limited']
  AND r.reported_at > e.at_latest + $grace
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, e.action AS action,
       e.at_latest AS enforced_at, count(DISTINCT r.report_id) AS reports_since, max(r.reported_at) AS last_reported_at
ORDER BY reports_since DESC, account_id, enforced_at, action
