"""ActivityPub: what servers of the fediverse send each other about abuse (Flag) and about accounts that move (Move)."""
