// Matches that are better told as an impersonation than as one operator: accounts that copy another's profile.
// about: evidence
// params: none
// returns:
//   left text
//   left_handle text
//   right text
//   right_handle text
//   match_probability float
//   families texts
MATCH (a:Account)-[m:MATCHES]->(b:Account)
WHERE m.story = 'impersonation'
RETURN a.account_id AS left, a.handle AS left_handle, b.account_id AS right, b.handle AS right_handle,
       m.match_probability AS match_probability, m.families AS families
ORDER BY match_probability DESC, left, right
