// The accounts that one account is matched with, the most probable first, each with its reports and enforcements.
// about: evidence
// params:
//   account_id text - the account
// returns:
//   account_id text
//   platform text
//   handle text
//   match_probability float
//   families texts
//   standing text
//   story text
//   reports int
//   enforcements int
MATCH (a:Account)-[m:MATCHES]-(other:Account)
WHERE a.account_id = $account_id
RETURN other.account_id AS account_id, other.platform AS platform, other.handle AS handle,
       m.match_probability AS match_probability, m.families AS families, m.standing AS standing, m.story AS story,
       COUNT { MATCH (:Report)-[:AGAINST]->(other) } AS reports,
       COUNT { MATCH (:Enforcement)-[:ENFORCED_ON]->(other) } AS enforcements
ORDER BY match_probability DESC, account_id
