// Probable matches that rest on one family of evidence alone: none of them may leave, however probable.
// about: evidence
// params:
//   min_probability float = 0.9 - leave out matches that are less probable
// returns:
//   left text
//   right text
//   families texts
//   match_probability float
//   standing text
MATCH (a:Account)-[m:MATCHES]->(b:Account)
WHERE size(m.families) = 1 AND m.match_probability >= $min_probability
RETURN a.account_id AS left, b.account_id AS right, m.families AS families,
       m.match_probability AS match_probability, m.standing AS standing
ORDER BY match_probability DESC, left, right
