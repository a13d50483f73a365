// Suspected actors, the best supported first, with how many of their accounts were reported and enforced on.
// about: actors
// params:
//   min_platforms int = 1 - on how many platforms at least
// returns:
//   actor_id text
//   standing text
//   match_probability float
//   size int
//   platforms texts
//   reported int
//   enforced int
MATCH (actor:Actor)<-[:PART_OF]-(a:Account)
WHERE size(actor.platforms) >= $min_platforms
WITH actor,
     count(CASE WHEN EXISTS { MATCH (:Report)-[:AGAINST]->(a) } THEN 1 END) AS reported,
     count(CASE WHEN EXISTS { MATCH (:Enforcement)-[:ENFORCED_ON]->(a) } THEN 1 END) AS enforced
RETURN actor.actor_id AS actor_id, actor.standing AS standing, actor.match_probability AS match_probability,
       actor.size AS size, actor.platforms AS platforms, reported, enforced
ORDER BY CASE standing WHEN 'confirmed' THEN 1 WHEN 'corroborated' THEN 2 ELSE 3 END, match_probability DESC, actor_id
