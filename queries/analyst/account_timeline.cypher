// All that is dated about one account, oldest first: reports and bursts, enforcements, contents, claims, moves to it.
// about: accounts
// params:
//   account_id text - the account
// returns:
//   at time
//   what text
//   id text
//   detail text
MATCH (a:Account)-[:AGAINST|ENFORCED_ON|WROTE|CLAIMS|`TO`]-(event)
WHERE a.account_id = $account_id
RETURN coalesce(event.reported_at, event.at_earliest, event.created_at, event.asserted_at, event.arrived_earliest,
                event.begun_at) AS at,
       CASE WHEN event.claim_id IS NOT NULL THEN 'claim'
            WHEN event.migration_id IS NOT NULL THEN 'move'
            WHEN event.enforcement_id IS NOT NULL THEN 'enforcement'
            WHEN event.report_id IS NOT NULL THEN 'report'
            WHEN event.burst_id IS NOT NULL THEN 'burst'
            ELSE 'content' END AS what,
       coalesce(event.claim_id, event.migration_id, event.enforcement_id, event.report_id, event.burst_id,
                event.content_id) AS id,
       coalesce(event.claimed_handle, event.kind, event.action, event.category_reported, event.text) AS detail
ORDER BY at, what, id
