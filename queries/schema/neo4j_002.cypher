// Reporters and bursts of reports; a target's derivations are a list, since one may be mentioned and replied to.
// params: none
// returns: nothing

CREATE CONSTRAINT graphmatch_reporter IF NOT EXISTS FOR (n:Reporter) REQUIRE n.reporter_ref IS UNIQUE;
CREATE CONSTRAINT graphmatch_burst IF NOT EXISTS FOR (n:Burst) REQUIRE n.burst_id IS UNIQUE;

MATCH (t:Target) WHERE t.derivation IS NOT NULL SET t.derivations = [t.derivation] REMOVE t.derivation;
