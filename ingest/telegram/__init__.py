"""Telegram: chats as Telegram Desktop exports them (``result.json``)."""
