// Bursts of reports of one account, mostly by people who had reported nothing before: perhaps a campaign.
// about: reports
// params:
//   min_reporters int = 2 - how many different reporters at least
// returns:
//   burst_id text
//   account_id text
//   platform text
//   handle text
//   begun_at time
//   ended_at time
//   reports int
//   reporters int
//   new_share float
//   alike_share float
MATCH (b:Burst)-[:AGAINST]->(a:Account)
WHERE b.reporters >= $min_reporters
RETURN b.burst_id AS burst_id, a.account_id AS account_id, a.platform AS platform, a.handle AS handle,
       b.begun_at AS begun_at, b.ended_at AS ended_at, b.reports AS reports, b.reporters AS reporters,
       b.new_share AS new_share, b.alike_share AS alike_share
ORDER BY reporters DESC, begun_at, burst_id
