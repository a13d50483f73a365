// What people have said of accounts' operators beside the match that speaks to it; blank where there is none.
// about: evidence
// params: none
// returns:
//   claim_id text
//   account_id text
//   claimed_platform text
//   claimed_handle text
//   asserted_by text
//   matched_account_id text
//   match_probability float
//   standing text
//   story text
MATCH (c:LinkClaim)-[:CLAIMS]->(a:Account)
WHERE coalesce(c.asserted_at > c.withdrawn_at, c.withdrawn_at IS NULL)
// A missing platform fits any. As null it would fit none in the embedded store, which joins on what is compared here.
WITH c, a, coalesce(c.claimed_platform, '') AS claimed
OPTIONAL MATCH (a)-[m:MATCHES]-(other:Account)
WHERE toLower(other.handle) = toLower(c.claimed_handle) AND (claimed = '' OR claimed = other.platform)
RETURN c.claim_id AS claim_id, a.account_id AS account_id, c.claimed_platform AS claimed_platform,
       c.claimed_handle AS claimed_handle, c.asserted_by AS asserted_by, other.account_id AS matched_account_id,
       m.match_probability AS match_probability, m.standing AS standing, m.story AS story
ORDER BY match_probability, claim_id, matched_account_id
