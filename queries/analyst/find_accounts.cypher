// Accounts with these letters in their handle, display name or bio, in capitals or not.
// about: accounts
// params:
//   part text - the letters to look for
//   limit int = 50 - how many accounts to give
// returns:
//   account_id text
//   platform text
//   handle text
//   display_name text
//   state text
//   last_observed_at time
MATCH (a:Account)
WHERE toLower(a.handle) CONTAINS toLower($part)
   OR toLower(a.display_name) CONTAINS toLower($part)
   OR toLower(a.bio) CONTAINS toLower($part)
RETURN a.account_id AS account_id, a.platform AS platform, a.handle AS handle, a.display_name AS display_name,
       a.state AS state, a.last_observed_at AS last_observed_at
ORDER BY account_id
LIMIT $limit
