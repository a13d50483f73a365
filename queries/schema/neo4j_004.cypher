// Communities say what holds them, what chance gives and what became of them; and which of them moved together.
// params: none
// returns: nothing

CREATE CONSTRAINT graphmatch_community_move IF NOT EXISTS FOR (n:CommunityMove) REQUIRE n.community_id IS UNIQUE;

MATCH (c:Community) WHERE c.event IS NULL SET c.event = 'birth', c.earlier_ids = [];
