// The accounts of one community that nobody has reported yet, and how many of it somebody has.
// about: communities
// params:
//   community_id text - the community
// returns:
//   account_id text
//   platform text
//   handle text
//   actor_id text
//   reported_around_it int
MATCH (other:Account)-[:IN_COMMUNITY]->(c:Community)
WHERE c.community_id = $community_id
WITH c, count(CASE WHEN EXISTS { MATCH (:Report)-[:AGAINST]->(other) } THEN 1 END) AS reported_around_it
MATCH (a:Account)-[:IN_COMMUNITY]->(c)
WHERE NOT EXISTS { MATCH (:Report)-[:AGAINST]->(a) }
OPTIONAL MATCH (a)-[:PART_OF]->(actor:Actor)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, actor.actor_id AS actor_id,
       reported_around_it
ORDER BY account_id
