"""Ids of actors that survive a new run."""

from __future__ import annotations

import hashlib

import polars as pl

from graphmatch.tables import empty


def ids_of(
    groups: list[list[str]], previous: pl.DataFrame | None, *, reserved: frozenset[str] = frozenset()
) -> list[str]:
    """Ids for ``groups``: of an earlier actor by greatest overlap, else made from the smallest account id.

    No new id is one of ``reserved`` or of an earlier actor, gone ones too.
    """
    known: dict[str, list[str]] = {}
    before = previous if previous is not None else empty("actors")
    for actor_id, members in before.select("actor_id", "account_ids").iter_rows():
        for account_id in members:
            known.setdefault(account_id, []).append(actor_id)
    overlaps: dict[tuple[int, str], int] = {}
    for index, members in enumerate(groups):
        for account_id in members:
            for actor_id in known.get(account_id, ()):
                overlaps[index, actor_id] = overlaps.get((index, actor_id), 0) + 1
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for (index, actor_id), _ in sorted(overlaps.items(), key=lambda o: (-o[1], o[0][1], o[0][0])):
        if index not in ids and actor_id not in taken:
            ids[index] = actor_id
            taken.add(actor_id)
    taken |= reserved.union(before["actor_id"])
    for index, members in enumerate(groups):
        if index not in ids:
            ids[index] = _new_id(members[0], taken)
            taken.add(ids[index])
    return [ids[index] for index in range(len(groups))]


def _new_id(smallest: str, taken: set[str]) -> str:
    """Make an id of the smallest account id; counted on where an earlier actor that lost it has that id."""
    seed, turn = smallest, 1
    while (made := f"actor-{hashlib.sha256(seed.encode()).hexdigest()[:12]}") in taken:
        turn += 1
        seed = f"{smallest}#{turn}"
    return made
