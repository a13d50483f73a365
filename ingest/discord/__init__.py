"""Discord: what a server's moderators can export, chats as DiscordChatExporter writes them, an account's own data."""
