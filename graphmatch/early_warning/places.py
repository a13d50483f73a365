"""Where an account stands: which accounts are *elsewhere* from each other. Expressions on ``platform, instance``."""

from __future__ import annotations

import polars as pl

from graphmatch.normalise.fediverse import FAMILY, MEMBERS


def place(prefix: str = "") -> pl.Expr:
    """Name the place of an account.

    A platform, and the instance of it; servers of the fediverse see the same account under several platforms' names, so
    that there the instance alone tells.
    """
    platform, instance = pl.col(f"{prefix}platform"), pl.col(f"{prefix}instance")
    family = pl.when(platform.is_in(sorted({FAMILY, *MEMBERS}))).then(pl.lit(FAMILY)).otherwise(platform)
    return pl.concat_str(family, pl.lit(":"), instance.str.to_lowercase())
