// The accounts of one community, each with the suspected actor it is part of, if any.
// about: communities
// params:
//   community_id text - the community
// returns:
//   account_id text
//   platform text
//   handle text
//   actor_id text
MATCH (a:Account)-[:IN_COMMUNITY]->(c:Community)
WHERE c.community_id = $community_id
OPTIONAL MATCH (a)-[:PART_OF]->(actor:Actor)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, actor.actor_id AS actor_id
ORDER BY account_id
