// Matches that two analysts have not confirmed, those nearest to a probability first: there a judgement tells most.
// about: evidence
// params:
//   near float = 0.9 - the probability from which accounts become one suspected actor
//   limit int = 50 - how many matches to give
// returns:
//   left text
//   right text
//   match_probability float
//   families texts
//   standing text
//   story text
MATCH (a:Account)-[m:MATCHES]->(b:Account)
WHERE m.standing <> 'confirmed'
RETURN a.account_id AS left, b.account_id AS right, m.match_probability AS match_probability, m.families AS families,
       m.standing AS standing, m.story AS story
ORDER BY abs(match_probability - $near), left, right
LIMIT $limit
