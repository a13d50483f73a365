// Reporters who took part in bursts of reports of an account, with what became of all that they reported.
// about: reports
// params:
//   min_bursts int = 1 - in how many bursts at least
// returns:
//   reporter_ref text
//   account_id text
//   bursts int
//   reports int
//   upheld int
//   dismissed int
MATCH (a:Account)<-[:AGAINST]-(:Burst)<-[:PART_OF]-(:Report)-[:REPORTED_BY]->(r:Reporter)
WHERE r.bursts >= $min_bursts
RETURN DISTINCT r.reporter_ref AS reporter_ref, a.account_id AS account_id, r.bursts AS bursts, r.reports AS reports,
       r.upheld AS upheld, r.dismissed AS dismissed
ORDER BY bursts DESC, reporter_ref, account_id
