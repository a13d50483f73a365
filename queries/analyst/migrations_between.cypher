// Migrations from one platform to another: enforcement, arrival, first report there and first action there, in a row.
// about: moves
// params:
//   origin text - the platform that was left
//   destination text - the platform that was arrived at
// returns:
//   migration_id text
//   kind text
//   origin_account_id text
//   destination_account_id text
//   enforced_at time
//   arrived_earliest time
//   arrived_latest time
//   first_reported_at time
//   first_acted_at time
//   match_probability float
//   standing text
MATCH (m:Migration)-[:`TO`]->(there:Account)
WHERE m.origin_platform = $origin AND m.destination_platform = $destination
OPTIONAL MATCH (e:Enforcement)-[:ENFORCED_ON]->(:Account)<-[:`FROM`]-(m)
WHERE e.enforcement_id = m.enforcement_id
WITH m, there, min(e.at_earliest) AS enforced_at
OPTIONAL MATCH (r:Report)-[:AGAINST]->(there)
WITH m, there, enforced_at, min(r.reported_at) AS first_reported_at
OPTIONAL MATCH (act:Enforcement)-[:ENFORCED_ON]->(there)
WHERE NOT act.action IN ['none', 'note', 'triage', 'escalated', 'referred_le', 'account_restored', 'content_restored']
RETURN m.migration_id AS migration_id, m.kind AS kind, m.origin_account_id AS origin_account_id,
       m.destination_account_id AS destination_account_id, enforced_at, m.arrived_earliest AS arrived_earliest,
       m.arrived_latest AS arrived_latest, first_reported_at, min(act.at_latest) AS first_acted_at,
       m.match_probability AS match_probability, m.standing AS standing
ORDER BY arrived_earliest, migration_id
