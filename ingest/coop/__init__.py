"""Coop: the bodies that platforms and ROOST's review console send each other."""
