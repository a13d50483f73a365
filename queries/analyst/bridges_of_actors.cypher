// Matches that alone hold a suspected actor together: no way around them over one or two of its other accounts.
// about: actors
// params:
//   max_probability float = 1.0 - leave out matches that are more probable
// returns:
//   actor_id text
//   size int
//   left text
//   right text
//   match_probability float
//   families texts
//   standing text
MATCH (a:Account)-[:PART_OF]->(actor:Actor)<-[:PART_OF]-(b:Account), (a)-[m:MATCHES]->(b)
WHERE actor.size > 2 AND m.match_probability <= $max_probability
  AND NOT EXISTS { MATCH (a)-[:MATCHES]-(c:Account)-[:MATCHES]-(b), (c)-[:PART_OF]->(actor) }
  AND NOT EXISTS {
    MATCH (a)-[:MATCHES]-(c:Account)-[:MATCHES]-(d:Account)-[:MATCHES]-(b), (c)-[:PART_OF]->(actor)<-[:PART_OF]-(d)
    WHERE c.account_id <> b.account_id AND d.account_id <> a.account_id
  }
RETURN actor.actor_id AS actor_id, actor.size AS size, a.account_id AS left, b.account_id AS right,
       m.match_probability AS match_probability, m.families AS families, m.standing AS standing
ORDER BY match_probability, actor_id, left, right
