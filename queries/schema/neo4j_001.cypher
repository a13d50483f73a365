// What a Neo4j database needs before the first write: one node a key, the indexes that queries start from, search.
// params: none
// returns: nothing

CREATE CONSTRAINT graphmatch_meta IF NOT EXISTS FOR (n:Meta) REQUIRE n.name IS UNIQUE;

CREATE CONSTRAINT graphmatch_account IF NOT EXISTS FOR (n:Account) REQUIRE n.account_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_target IF NOT EXISTS FOR (n:Target) REQUIRE n.target_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_content IF NOT EXISTS FOR (n:Content) REQUIRE n.content_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_report IF NOT EXISTS FOR (n:Report) REQUIRE n.report_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_enforcement IF NOT EXISTS FOR (n:Enforcement) REQUIRE n.enforcement_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_link_claim IF NOT EXISTS FOR (n:LinkClaim) REQUIRE n.claim_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_actor IF NOT EXISTS FOR (n:Actor) REQUIRE n.actor_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_community IF NOT EXISTS FOR (n:Community) REQUIRE n.community_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_migration IF NOT EXISTS FOR (n:Migration) REQUIRE n.migration_id IS UNIQUE;
CREATE CONSTRAINT graphmatch_signal IF NOT EXISTS FOR (n:Signal) REQUIRE n.signal_id IS UNIQUE;

// Relationships whose ends do not both exist yet are looked up from either end.
CREATE INDEX graphmatch_waiting_from IF NOT EXISTS FOR (n:Waiting) ON (n.edge, n.from_id);
CREATE INDEX graphmatch_waiting_to IF NOT EXISTS FOR (n:Waiting) ON (n.edge, n.to_id);

CREATE INDEX graphmatch_account_platform IF NOT EXISTS FOR (n:Account) ON (n.platform);
CREATE INDEX graphmatch_signal_kind IF NOT EXISTS FOR (n:Signal) ON (n.kind);
CREATE INDEX graphmatch_enforcement_action IF NOT EXISTS FOR (n:Enforcement) ON (n.action);
CREATE INDEX graphmatch_report_status IF NOT EXISTS FOR (n:Report) ON (n.status);
CREATE INDEX graphmatch_report_time IF NOT EXISTS FOR (n:Report) ON (n.reported_at);
CREATE INDEX graphmatch_migration_route IF NOT EXISTS FOR (n:Migration) ON (n.origin_platform, n.destination_platform);
CREATE INDEX graphmatch_match_probability IF NOT EXISTS FOR ()-[r:MATCHES]-() ON (r.match_probability);

// For Neo4j Browser and Bloom: CALL db.index.fulltext.queryNodes('graphmatch_account_text', 'grim*')
CREATE FULLTEXT INDEX graphmatch_account_text IF NOT EXISTS FOR (n:Account) ON EACH [n.handle, n.display_name, n.bio];
