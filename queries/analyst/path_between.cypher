// Paths of at most four steps between two accounts, over matches and over signals that they show; the shortest first.
// about: evidence
// params:
//   first text - one account
//   second text - the other account
//   max_sightings int = 20 - pass by signals that are seen more often: they tie everybody to everybody
//   limit int = 50 - how many paths to give
// returns:
//   steps int
//   via_1 text
//   via_2 text
//   via_3 text
MATCH (a:Account)-[:MATCHES|SHOWS]-(x)
WHERE a.account_id = $first AND COUNT { MATCH (x)<-[:SHOWS]-(:Account) } <= $max_sightings
MATCH (x)-[:MATCHES|SHOWS]-(y)
WHERE COUNT { MATCH (y)<-[:SHOWS]-(:Account) } <= $max_sightings
MATCH (y)-[:MATCHES|SHOWS]-(z)
WHERE COUNT { MATCH (z)<-[:SHOWS]-(:Account) } <= $max_sightings
WITH DISTINCT coalesce(x.account_id, x.signal_id) AS one, coalesce(y.account_id, y.signal_id) AS two,
     coalesce(z.account_id, z.signal_id) AS three,
     EXISTS { MATCH (z)-[:MATCHES|SHOWS]-(b:Account) WHERE b.account_id = $second } AS beside
WHERE one = $second
   OR (two <> $first AND (two = $second OR (three <> $first AND three <> one AND (three = $second OR beside))))
WITH one, two, three, CASE $second WHEN one THEN 1 WHEN two THEN 2 WHEN three THEN 3 ELSE 4 END AS steps
RETURN DISTINCT steps, CASE WHEN steps > 1 THEN one END AS via_1, CASE WHEN steps > 2 THEN two END AS via_2,
       CASE WHEN steps > 3 THEN three END AS via_3
ORDER BY steps, via_1, via_2, via_3
LIMIT $limit
