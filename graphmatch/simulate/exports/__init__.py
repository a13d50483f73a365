"""One file a platform: the world as that platform's administrators, or a candidate's office, would export it."""
