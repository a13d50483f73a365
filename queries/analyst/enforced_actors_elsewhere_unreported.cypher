// Accounts that nobody has reported yet, of suspected actors whose account on another platform was taken down.
// about: enforcement
// params: none
// returns:
//   actor_id text
//   enforced_account_id text
//   enforced_platform text
//   action text
//   account_id text
//   platform text
//   match_probability float
MATCH (e:Enforcement)-[:ENFORCED_ON]->(enforced:Account)-[:PART_OF]->(actor:Actor)<-[:PART_OF]-(other:Account)
WHERE enforced.platform <> other.platform
  AND e.action IN ['account_suspended_temp', 'account_suspended_perm', 'login_disabled', 'account_terminated']
  AND NOT EXISTS { MATCH (:Report)-[:AGAINST]->(other) }
RETURN DISTINCT actor.actor_id AS actor_id, enforced.account_id AS enforced_account_id,
       enforced.platform AS enforced_platform, e.action AS action,
       other.account_id AS account_id, other.platform AS platform, actor.match_probability AS match_probability
ORDER BY match_probability DESC, account_id, enforced_account_id, action
