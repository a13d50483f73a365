"""One folder a platform. Each imports graphmatch, never another; the entry points in pyproject.toml name them."""
