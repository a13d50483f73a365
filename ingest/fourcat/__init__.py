"""4CAT: posts that researchers collected from several platforms, as one family of tables."""
