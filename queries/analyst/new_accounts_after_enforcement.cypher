// Accounts made soon after an enforcement that show a signal of the account that was taken down.
// about: enforcement
// params:
//   within days = 30 - how long after the enforcement at most
//   kind text = link - which kind of signal: handle, display_name, bio, link, email_hmac, avatar_hash …
//   max_sightings int = 50 - leave out signals that are seen more often: they say little
// returns:
//   enforced_account_id text
//   action text
//   enforced_at time
//   account_id text
//   platform text
//   created_at time
//   value text
MATCH (e:Enforcement)-[:ENFORCED_ON]->(enforced:Account)-[:SHOWS]->(s:Signal)<-[:SHOWS]-(fresh:Account)
WHERE e.action IN ['account_suspended_temp', 'account_suspended_perm', 'login_disabled', 'account_terminated']
  AND s.kind = $kind
  AND COUNT { MATCH (s)<-[:SHOWS]-(:Account) } <= $max_sightings
  AND fresh.account_id <> enforced.account_id
  AND fresh.created_at >= e.at_earliest AND fresh.created_at <= e.at_latest + $within
RETURN DISTINCT enforced.account_id AS enforced_account_id, e.action AS action, e.at_earliest AS enforced_at,
       fresh.account_id AS account_id, fresh.platform AS platform, fresh.created_at AS created_at, s.value AS value
ORDER BY created_at, account_id, enforced_account_id, value, action, enforced_at
