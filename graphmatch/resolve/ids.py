"""Ids of actors that survive a new run."""

from __future__ import annotations

import polars as pl

from graphmatch.lasting import lasting_ids, overlaps
from graphmatch.tables import empty


def ids_of(
    groups: list[list[str]], previous: pl.DataFrame | None, *, reserved: frozenset[str] = frozenset()
) -> list[str]:
    """Ids for ``groups``: of an earlier actor by greatest overlap, else made from the smallest account id.

    No new id is one of ``reserved`` or of an earlier actor, gone ones too.
    """
    before = previous if previous is not None else empty("actors")
    known: dict[str, list[str]] = dict(before.select("actor_id", "account_ids").iter_rows())
    return lasting_ids(groups, overlaps(groups, known), prefix="actor", reserved=reserved.union(known))
