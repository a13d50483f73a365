// How soon each platform acts: accounts by the time from their first report to the first enforcement after it.
// about: enforcement
// params:
//   soon days = 1 - acted soon: within this time
//   late days = 7 - acted in time: within this time
// returns:
//   platform text
//   accounts int
//   acted int
//   acted_soon int
//   acted_in_time int
//   not_acted int
MATCH (r:Report)-[:AGAINST]->(a:Account)
WITH a, min(r.reported_at) AS reported
WHERE reported IS NOT NULL
OPTIONAL MATCH (e:Enforcement)-[:ENFORCED_ON]->(a)
WHERE e.at_latest >= reported
  AND NOT e.action IN ['none', 'note', 'triage', 'escalated', 'referred_le', 'account_restored', 'content_restored']
WITH a, reported, min(e.at_latest) AS enforced
RETURN a.platform AS platform, count(*) AS accounts, count(enforced) AS acted,
       count(CASE WHEN enforced <= reported + $soon THEN 1 END) AS acted_soon,
       count(CASE WHEN enforced <= reported + $late THEN 1 END) AS acted_in_time,
       count(CASE WHEN enforced IS NULL THEN 1 END) AS not_acted
ORDER BY platform
