// All that is dated about one suspected actor's accounts in one list, oldest first: where, what and when.
// about: actors
// params:
//   actor_id text - the actor
// returns:
//   at time
//   account_id text
//   platform text
//   what text
//   id text
//   detail text
MATCH (actor:Actor)<-[:PART_OF]-(a:Account)-[:AGAINST|ENFORCED_ON|WROTE|CLAIMS|`TO`]-(event)
WHERE actor.actor_id = $actor_id
RETURN coalesce(event.reported_at, event.at_earliest, event.created_at, event.asserted_at, event.arrived_earliest,
                event.begun_at) AS at,
       a.account_id AS account_id, a.platform AS platform,
       CASE WHEN event.claim_id IS NOT NULL THEN 'claim'
            WHEN event.migration_id IS NOT NULL THEN 'move'
            WHEN event.enforcement_id IS NOT NULL THEN 'enforcement'
            WHEN event.report_id IS NOT NULL THEN 'report'
            WHEN event.burst_id IS NOT NULL THEN 'burst'
            ELSE 'content' END AS what,
       coalesce(event.claim_id, event.migration_id, event.enforcement_id, event.report_id, event.burst_id,
                event.content_id) AS id,
       coalesce(event.claimed_handle, event.kind, event.action, event.category_reported, event.text) AS detail
ORDER BY at, account_id, what, id
