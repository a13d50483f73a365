// The embedded store's labels and relationship types, made once, when a store is new.
// params:
//   version int - the schema version that this file makes; raise it with every change here
// returns: nothing

CREATE NODE TABLE Account(
  `account_id` STRING PRIMARY KEY,
  `platform` STRING,
  `instance` STRING,
  `native_id` STRING,
  `id_kind` STRING,
  `handle` STRING,
  `handle_at` TIMESTAMP,
  `display_name` STRING,
  `display_name_at` TIMESTAMP,
  `bio` STRING,
  `bio_at` TIMESTAMP,
  `url` STRING,
  `url_at` TIMESTAMP,
  `location` STRING,
  `location_at` TIMESTAMP,
  `avatar_url` STRING,
  `avatar_url_at` TIMESTAMP,
  `state` STRING,
  `state_at` TIMESTAMP,
  `created_at` TIMESTAMP,
  `created_at_precision` STRING,
  `last_active` TIMESTAMP,
  `first_observed_at` TIMESTAMP,
  `last_observed_at` TIMESTAMP
);

CREATE NODE TABLE Target(
  `target_id` STRING PRIMARY KEY,
  `platform` STRING,
  `handle` STRING,
  `name` STRING,
  `role` STRING,
  `registered_as` STRING,
  `derivations` STRING[],
  `observed_at` TIMESTAMP
);

CREATE NODE TABLE Content(
  `content_id` STRING PRIMARY KEY,
  `platform` STRING,
  `account_id` STRING,
  `text` STRING,
  `text_at` TIMESTAMP,
  `text_minhash` STRING,
  `url` STRING,
  `created_at` TIMESTAMP,
  `observed_at` TIMESTAMP,
  `target_ids` STRING[]
);

CREATE NODE TABLE Report(
  `report_id` STRING PRIMARY KEY,
  `source` STRING,
  `source_kind` STRING,
  `platform` STRING,
  `account_id` STRING,
  `category_raw` STRING,
  `category_reported` STRING,
  `specificity` STRING,
  `gate` STRING,
  `count` INT64,
  `category_assessed` STRING,
  `reported_at` TIMESTAMP,
  `observed_at` TIMESTAMP,
  `reporter_ref` STRING,
  `reporter_is_target` BOOL,
  `reporter_upheld` INT64,
  `reporter_dismissed` INT64,
  `text` STRING,
  `text_minhash` STRING,
  `status` STRING,
  `status_at` TIMESTAMP,
  `status_raw` STRING,
  `status_raw_at` TIMESTAMP,
  `content_ids` STRING[],
  `target_ids` STRING[]
);

CREATE NODE TABLE Enforcement(
  `enforcement_id` STRING PRIMARY KEY,
  `platform` STRING,
  `source` STRING,
  `action` STRING,
  `action_raw` STRING,
  `scope` STRING,
  `account_id` STRING,
  `content_id` STRING,
  `scope_ref` STRING,
  `at_earliest` TIMESTAMP,
  `at_latest` TIMESTAMP,
  `expires_at` TIMESTAMP,
  `reason` STRING,
  `policies` STRING[],
  `by_ref` STRING
);

CREATE NODE TABLE LinkClaim(
  `claim_id` STRING PRIMARY KEY,
  `account_id` STRING,
  `claimed_handle` STRING,
  `quote` STRING,
  `claimed_platform` STRING,
  `report_id` STRING,
  `asserted_by` STRING,
  `asserted_at` TIMESTAMP,
  `withdrawn_at` TIMESTAMP
);

CREATE NODE TABLE Actor(
  `actor_id` STRING PRIMARY KEY,
  `account_ids` STRING[],
  `platforms` STRING[],
  `size` INT64,
  `match_probability` DOUBLE,
  `standing` STRING
);

CREATE NODE TABLE Community(
  `community_id` STRING PRIMARY KEY,
  `account_ids` STRING[],
  `actor_ids` STRING[],
  `size` INT64,
  `density` DOUBLE,
  `resolution` DOUBLE,
  `target_share` DOUBLE,
  `moment_share` DOUBLE,
  `link_share` DOUBLE,
  `text_share` DOUBLE,
  `reply_share` DOUBLE,
  `reporter_share` DOUBLE,
  `coincidence` DOUBLE,
  `expected_density` DOUBLE,
  `chance_q` DOUBLE,
  `event` STRING,
  `earlier_ids` STRING[],
  `earlier_size` INT64,
  `jaccard` DOUBLE
);

CREATE NODE TABLE CommunityMove(
  `community_id` STRING PRIMARY KEY,
  `origin_platform` STRING,
  `destination_platform` STRING,
  `movers` INT64,
  `movers_on_way` INT64,
  `pairs` INT64,
  `expected_pairs` DOUBLE,
  `p` DOUBLE,
  `q` DOUBLE,
  `moves_together` BOOL,
  `left_earliest` TIMESTAMP,
  `left_latest` TIMESTAMP,
  `arrived_earliest` TIMESTAMP,
  `arrived_latest` TIMESTAMP,
  `migration_ids` STRING[]
);

CREATE NODE TABLE Migration(
  `migration_id` STRING PRIMARY KEY,
  `actor_id` STRING,
  `kind` STRING,
  `origin_account_id` STRING,
  `destination_account_id` STRING,
  `origin_platform` STRING,
  `destination_platform` STRING,
  `enforcement_id` STRING,
  `left_earliest` TIMESTAMP,
  `left_latest` TIMESTAMP,
  `arrived_earliest` TIMESTAMP,
  `arrived_latest` TIMESTAMP,
  `match_probability` DOUBLE,
  `standing` STRING,
  `summary` STRING,
  `reasons` STRING[],
  `report_ids` STRING[]
);

CREATE NODE TABLE Reporter(
  `reporter_ref` STRING PRIMARY KEY,
  `platforms` STRING[],
  `reports` INT64,
  `accounts` INT64,
  `upheld` INT64,
  `dismissed` INT64,
  `upheld_share` DOUBLE,
  `dismissed_share` DOUBLE,
  `bursts` INT64,
  `report_ids` STRING[],
  `first_reported_at` TIMESTAMP,
  `last_reported_at` TIMESTAMP
);

CREATE NODE TABLE Burst(
  `burst_id` STRING PRIMARY KEY,
  `account_id` STRING,
  `begun_at` TIMESTAMP,
  `ended_at` TIMESTAMP,
  `reports` INT64,
  `reporters` INT64,
  `new_reporters` INT64,
  `new_share` DOUBLE,
  `alike_share` DOUBLE,
  `report_ids` STRING[]
);

CREATE NODE TABLE Signal(`signal_id` STRING PRIMARY KEY, `kind` STRING, `value` STRING);

// Relationships whose ends do not both exist yet; `row` is the whole table row as JSON where the row is a relationship.
CREATE NODE TABLE Waiting(
  `waiting_id` STRING PRIMARY KEY,
  `edge` STRING,
  `from_id` STRING,
  `to_id` STRING,
  `row` STRING
);

CREATE NODE TABLE Meta(`name` STRING PRIMARY KEY, `version` INT64);

CREATE REL TABLE `SHOWS`(
  FROM Account TO Signal,
  `source` STRING,
  `context` STRING,
  `first_seen` TIMESTAMP,
  `last_seen` TIMESTAMP,
  `report_id` STRING,
  `withdrawn_at` TIMESTAMP
);

CREATE REL TABLE `MATCHES`(
  FROM Account TO Account,
  `match_weight` DOUBLE,
  `match_probability` DOUBLE,
  `standing` STRING,
  `story` STRING,
  `families` STRING[],
  `rules` STRING[],
  `prior_bits` DOUBLE,
  `handle_level` INT8,
  `handle_bits` DOUBLE,
  `display_name_level` INT8,
  `display_name_bits` DOUBLE,
  `handle_name_level` INT8,
  `handle_name_bits` DOUBLE,
  `letter_runs_level` INT8,
  `letter_runs_bits` DOUBLE,
  `bio_level` INT8,
  `bio_bits` DOUBLE,
  `link_level` INT8,
  `link_bits` DOUBLE,
  `location_level` INT8,
  `location_bits` DOUBLE,
  `avatar_level` INT8,
  `avatar_bits` DOUBLE,
  `contact_level` INT8,
  `contact_bits` DOUBLE,
  `network_level` INT8,
  `network_bits` DOUBLE,
  `declared_level` INT8,
  `declared_bits` DOUBLE,
  `targets_level` INT8,
  `targets_bits` DOUBLE,
  `timing_level` INT8,
  `timing_bits` DOUBLE,
  `hours_level` INT8,
  `hours_bits` DOUBLE,
  `declared_discount_bits` DOUBLE,
  `contact_discount_bits` DOUBLE,
  `naming_discount_bits` DOUBLE,
  `self_description_discount_bits` DOUBLE,
  `behaviour_discount_bits` DOUBLE,
  `imitation_bits` DOUBLE
);

CREATE REL TABLE `WROTE`(FROM Account TO Content);

CREATE REL TABLE `AIMED_AT`(FROM Content TO Target, FROM Report TO Target);

CREATE REL TABLE `AGAINST`(FROM Report TO Account, FROM Burst TO Account);

CREATE REL TABLE `REPORTED_BY`(FROM Report TO Reporter);

CREATE REL TABLE `POINTS_AT`(FROM Report TO Content);

CREATE REL TABLE `ENFORCED_ON`(FROM Enforcement TO Account, FROM Enforcement TO Content);

CREATE REL TABLE `CLAIMS`(FROM LinkClaim TO Account);

CREATE REL TABLE `PART_OF`(FROM Account TO Actor, FROM Report TO Burst, FROM Migration TO CommunityMove);

CREATE REL TABLE `IN_COMMUNITY`(FROM Account TO Community);

CREATE REL TABLE `OF`(FROM Migration TO Actor, FROM CommunityMove TO Community);

CREATE REL TABLE `FROM`(FROM Migration TO Account);

CREATE REL TABLE `TO`(FROM Migration TO Account);

CREATE REL TABLE `MOVED_TO`(
  FROM Account TO Account,
  `migration_id` STRING,
  `kind` STRING,
  `match_probability` DOUBLE
);

CREATE (:Meta {name: 'schema', version: $version});
