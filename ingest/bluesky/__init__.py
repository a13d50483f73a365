"""Bluesky: reports, moderation events and subject statuses, as Ozone gives them."""
