// Suspected actors who arrived elsewhere, or came back, within some days of an enforcement; the most probable first.
// about: moves
// params:
//   within days = 30 - how long after the enforcement the arrival may begin
//   since time = 1995-01-01 - leave out arrivals that were over before this time
// returns:
//   migration_id text
//   actor_id text
//   origin_account_id text
//   destination_account_id text
//   action text
//   enforced_at time
//   arrived_earliest time
//   arrived_latest time
//   match_probability float
//   standing text
MATCH (e:Enforcement)-[:ENFORCED_ON]->(origin:Account)<-[:`FROM`]-(m:Migration)-[:`TO`]->(destination:Account)
WHERE e.enforcement_id = m.enforcement_id
  AND m.arrived_earliest >= e.at_earliest
  AND m.arrived_earliest <= e.at_latest + $within
  AND m.arrived_latest >= $since
RETURN m.migration_id AS migration_id, m.actor_id AS actor_id, origin.account_id AS origin_account_id,
       destination.account_id AS destination_account_id, e.action AS action, e.at_earliest AS enforced_at,
       m.arrived_earliest AS arrived_earliest, m.arrived_latest AS arrived_latest,
       m.match_probability AS match_probability, m.standing AS standing
ORDER BY match_probability DESC, migration_id
