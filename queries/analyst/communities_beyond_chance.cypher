// Communities that chance gives seldom, with what holds them and what became of each since the run before.
// about: communities
// params:
//   max_q float = 0.05 - of the communities that look like it, the largest share that chance may give
//   min_size int = 3 - how many accounts at least
// returns:
//   community_id text
//   size int
//   density float
//   chance_q float
//   target_share float
//   moment_share float
//   link_share float
//   text_share float
//   reply_share float
//   reporter_share float
//   event text
MATCH (c:Community)
WHERE c.chance_q <= $max_q AND c.size >= $min_size
RETURN c.community_id AS community_id, c.size AS size, c.density AS density, c.chance_q AS chance_q,
       c.target_share AS target_share, c.moment_share AS moment_share, c.link_share AS link_share,
       c.text_share AS text_share, c.reply_share AS reply_share, c.reporter_share AS reporter_share, c.event AS event
ORDER BY size DESC, community_id
