// Communities of which several suspected actors moved from one platform to another, close to each other in time.
// about: communities
// params:
//   min_actors int = 2 - how many actors at least
//   within days = 30 - how long from the first arrival to the last at most
// returns:
//   community_id text
//   origin text
//   destination text
//   actors int
//   migrations int
//   first_arrival time
//   last_arrival time
MATCH (m:Migration)-[:`FROM`|`TO`]->(:Account)-[:IN_COMMUNITY]->(c:Community)
WHERE m.origin_platform <> m.destination_platform
WITH c.community_id AS community_id, m.origin_platform AS origin, m.destination_platform AS destination,
     count(DISTINCT m.actor_id) AS actors, count(DISTINCT m.migration_id) AS migrations,
     min(m.arrived_earliest) AS first_arrival, max(m.arrived_latest) AS last_arrival
WHERE actors >= $min_actors AND last_arrival <= first_arrival + $within
RETURN community_id, origin, destination, actors, migrations, first_arrival, last_arrival
ORDER BY actors DESC, migrations DESC, community_id, origin, destination
