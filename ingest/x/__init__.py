"""X: posts and accounts from its API, research releases, and a target's own archive."""
