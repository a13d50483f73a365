"""Harassment Manager and TRFilter: the report that a target makes of posts on X."""
