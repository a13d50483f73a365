// The accounts in reports that are aimed at one target, the most reported first, each with its suspected actor.
// about: targets
// params:
//   target_id text - the target
// returns:
//   account_id text
//   platform text
//   handle text
//   actor_id text
//   reports int
//   past_the_law int
//   first_reported_at time
//   last_reported_at time
MATCH (t:Target)<-[:AIMED_AT]-(r:Report)-[:AGAINST]->(a:Account)
WHERE t.target_id = $target_id
OPTIONAL MATCH (a)-[:PART_OF]->(actor:Actor)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, actor.actor_id AS actor_id,
       count(DISTINCT r.report_id) AS reports,
       count(DISTINCT CASE WHEN r.gate IN ['illegal', 'imminent'] THEN r.report_id END) AS past_the_law,
       min(r.reported_at) AS first_reported_at, max(r.reported_at) AS last_reported_at
ORDER BY reports DESC, account_id, actor_id
