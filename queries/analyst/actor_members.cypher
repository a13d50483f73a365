// The accounts of one suspected actor, each with its reports and enforcements counted.
// about: actors
// params:
//   actor_id text - the actor
// returns:
//   account_id text
//   platform text
//   handle text
//   reports int
//   enforcements int
MATCH (a:Account)-[:PART_OF]->(actor:Actor)
WHERE actor.actor_id = $actor_id
OPTIONAL MATCH (r:Report)-[:AGAINST]->(a)
WITH a, count(DISTINCT r.report_id) AS reports
OPTIONAL MATCH (e:Enforcement)-[:ENFORCED_ON]->(a)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle,
       reports, count(DISTINCT e.enforcement_id) AS enforcements
ORDER BY account_id
