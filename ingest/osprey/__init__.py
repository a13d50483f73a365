"""Osprey: the stream of events that its rules are run on, of any platform and of the AT protocol."""
