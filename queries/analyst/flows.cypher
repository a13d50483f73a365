// Migrations added up by platform, from origin to destination.
// about: moves
// params:
//   min_probability float = 0.0 - leave out migrations that are less probable
// returns:
//   origin text
//   destination text
//   kind text
//   migrations int
//   actors int
MATCH (m:Migration)
WHERE m.match_probability >= $min_probability
RETURN m.origin_platform AS origin, m.destination_platform AS destination, m.kind AS kind,
       count(m) AS migrations, count(DISTINCT m.actor_id) AS actors
ORDER BY migrations DESC, origin, destination, kind
