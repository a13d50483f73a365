// What people have said of accounts' operators, where no suspected actor holds the account yet.
// about: evidence
// params: none
// returns:
//   claim_id text
//   account_id text
//   claimed_platform text
//   claimed_handle text
//   asserted_by text
//   asserted_at time
//   report_id text
MATCH (c:LinkClaim)-[:CLAIMS]->(a:Account)
WHERE coalesce(c.asserted_at > c.withdrawn_at, c.withdrawn_at IS NULL)
  AND NOT EXISTS { MATCH (a)-[:PART_OF]->(:Actor) }
RETURN c.claim_id AS claim_id, a.account_id AS account_id, c.claimed_platform AS claimed_platform,
       c.claimed_handle AS claimed_handle, c.asserted_by AS asserted_by, c.asserted_at AS asserted_at,
       c.report_id AS report_id
ORDER BY claim_id
