"""YouTube: comments and channels, as the Data API answers."""
