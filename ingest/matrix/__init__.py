"""Matrix: what a Synapse server's admins export, and the moderation policies and bans of rooms."""
