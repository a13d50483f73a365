"""Telegram: what a subreddit's moderators can export (queues, log, bans, notes)."""
