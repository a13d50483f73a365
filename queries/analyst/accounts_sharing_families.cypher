// Pairs of accounts for which several families of evidence speak, the most families first.
// about: evidence
// params:
//   min_families int = 2 - how many families of evidence at least
//   min_probability float = 0.5 - leave out matches that are less probable
// returns:
//   left text
//   right text
//   families texts
//   match_probability float
//   standing text
//   story text
MATCH (a:Account)-[m:MATCHES]->(b:Account)
WHERE size(m.families) >= $min_families AND m.match_probability >= $min_probability
RETURN a.account_id AS left, b.account_id AS right, m.families AS families,
       m.match_probability AS match_probability, m.standing AS standing, m.story AS story
ORDER BY size(families) DESC, match_probability DESC, left, right
