"""``python -m graphmatch``."""

from graphmatch.cli import main

main()
