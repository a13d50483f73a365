"""Linking on Apache Spark, for more accounts than one machine holds: Parquet in, Parquet out.

The functions of ``graphmatch.link`` run unchanged inside ``mapInArrow``, on as many accounts or pairs as a task holds;
what concerns all accounts (counts of values, keys that meet, rivals, components) is joins, aggregations and windows of
Spark, and GraphFrames. Needs the extra ``graphmatch[spark]``, here and on every worker; imported by nobody who does
not ask for it. ``SIZING.md`` beside this file says what 100 million accounts and more cost.
"""
