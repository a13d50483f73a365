"""Mastodon: reports, account warnings and canonical e-mail blocks, as its admin API gives them."""
