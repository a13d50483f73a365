"""Discourse: the review queue (``/review.json``) and admin users, as a forum's staff gets them."""
