"""Pure text → canonical text, one kind of signal a file. Nothing here reads a file or knows a table."""
