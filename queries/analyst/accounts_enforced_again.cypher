// Accounts that platforms have acted against more than once, with the first and the last time.
// about: enforcement
// params:
//   min_enforcements int = 2 - how many enforcements at least
// returns:
//   account_id text
//   platform text
//   handle text
//   state text
//   enforcements int
//   first_enforced_at time
//   last_enforced_at time
MATCH (e:Enforcement)-[:ENFORCED_ON]->(a:Account)
WHERE NOT e.action IN ['none', 'note', 'triage', 'escalated', 'referred_le', 'account_restored', 'content_restored']
WITH a, count(DISTINCT e.enforcement_id) AS enforcements, min(e.at_earliest) AS first_enforced_at,
     max(e.at_latest) AS last_enforced_at
WHERE enforcements >= $min_enforcements
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, a.state AS state, enforcements,
       first_enforced_at, last_enforced_at
ORDER BY enforcements DESC, account_id
