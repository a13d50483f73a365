"""Misskey and its forks: abuse reports, as their admin API gives them."""
