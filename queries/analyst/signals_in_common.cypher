// The signals that two accounts both show, the rarest first: each with how often it is seen at all.
// about: evidence
// params:
//   first text - one account
//   second text - the other account
// returns:
//   kind text
//   value text
//   sightings int
MATCH (a:Account)-[:SHOWS]->(s:Signal)<-[:SHOWS]-(b:Account)
WHERE a.account_id = $first AND b.account_id = $second
RETURN DISTINCT s.kind AS kind, s.value AS value, COUNT { MATCH (s)<-[:SHOWS]-(:Account) } AS sightings
ORDER BY sightings, kind, value
