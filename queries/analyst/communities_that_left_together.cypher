// Communities of which more members left a platform together, the same way, than movers drawn by chance would.
// about: communities
// params:
//   max_q float = 0.05 - false discoveries that are put up with
// returns:
//   community_id text
//   size int
//   origin text
//   destination text
//   movers int
//   pairs int
//   expected_pairs float
//   q float
//   left_earliest time
//   left_latest time
MATCH (m:CommunityMove)-[:OF]->(c:Community)
WHERE m.moves_together AND m.q <= $max_q
RETURN c.community_id AS community_id, c.size AS size, m.origin_platform AS origin,
       m.destination_platform AS destination, m.movers_on_way AS movers, m.pairs AS pairs,
       m.expected_pairs AS expected_pairs, m.q AS q, m.left_earliest AS left_earliest, m.left_latest AS left_latest
ORDER BY q, pairs DESC, community_id
