"""MISP: events in which organisations share accounts, posts and how these belong together."""
