"""What makes a Match `corroborated` (DESIGN §5). Pure.

One rule for the linker, which gives a Match its standing, and for resolve, which gives it back when a confirmation is
withdrawn.
"""

from __future__ import annotations

import polars as pl

from graphmatch.model import Family, Story

#: The level of ``declared`` at which each account names the other, or the platform verified the link.
TWO_WAY = 3
#: One shared address may be a router, a campus or a phone network; from this level on of ``network`` there are several.
SEVERAL_ADDRESSES = 2
#: Shared targets count as behaviour that is hard to copy only when several are rare.
HARD_TARGETS = 3


def corroborated() -> pl.Expr:
    """Tell whether two families speak for a match, one of them not copyable.

    Needs ``families``, ``contact_level``, ``network_level``, ``declared_level``, ``targets_level`` and ``story``. One
    shared IP address is no such family: strangers share those.
    """
    speaks = {family: pl.col("families").list.contains(family.value) for family in Family}
    hard = (
        (
            speaks[Family.CONTACT]
            & (
                (pl.col("contact_level") > 0).fill_null(value=False)
                | (pl.col("network_level") >= SEVERAL_ADDRESSES).fill_null(value=False)
            )
        )
        | (speaks[Family.DECLARED] & (pl.col("declared_level") == TWO_WAY).fill_null(value=False))
        | (speaks[Family.BEHAVIOUR] & (pl.col("targets_level") >= HARD_TARGETS).fill_null(value=False))
    )
    two = pl.col("families").list.len() >= 2
    return two & hard & (pl.col("story") != Story.IMPERSONATION.value)
