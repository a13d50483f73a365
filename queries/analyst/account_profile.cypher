// What is known of one account, in one row.
// about: accounts
// params:
//   account_id text - the account
// returns:
//   account_id text
//   platform text
//   handle text
//   display_name text
//   bio text
//   url text
//   state text
//   created_at time
//   last_active time
//   last_observed_at time
//   reports int
//   enforcements int
//   contents int
//   matches int
//   actor_id text
MATCH (a:Account)
WHERE a.account_id = $account_id
OPTIONAL MATCH (a)-[:PART_OF]->(actor:Actor)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, a.display_name AS display_name,
       a.bio AS bio, a.url AS url, a.state AS state, a.created_at AS created_at, a.last_active AS last_active,
       a.last_observed_at AS last_observed_at,
       COUNT { MATCH (:Report)-[:AGAINST]->(a) } AS reports,
       COUNT { MATCH (:Enforcement)-[:ENFORCED_ON]->(a) } AS enforcements,
       COUNT { MATCH (a)-[:WROTE]->(:Content) } AS contents,
       COUNT { MATCH (a)-[:MATCHES]-(:Account) } AS matches,
       actor.actor_id AS actor_id
ORDER BY actor_id
