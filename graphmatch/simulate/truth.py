"""What really is so in a world, as Parquet tables beside the exports: for evaluation only, never read by the line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl

from graphmatch.simulate import ids
from graphmatch.simulate.difficulty import MIDDLE
from graphmatch.simulate.world import World

#: Grows when a seed no longer gives the same world.
VERSION = 1
_TIME = pl.Datetime("us", "UTC")


def write(world: World, out: Path, counts: dict[str, int]) -> None:
    """Write the truth into ``out``.

    ``accounts`` (account_id, person_id, role, platform, handle, trace, reported, created_at), ``pairs`` (left, right,
    person_id: the same operator, ``left`` < ``right``), ``decoys`` (left, right, kind: alike, and *not* the same
    operator), ``migrations`` (person_id, role, origin_account_id, destination_account_id, kind, trace, enforced_at,
    arrived_at), ``communities`` (community_id, person_id, account_id, moves_together), ``persons`` (person_id, role,
    accounts), and ``world.json`` (seed, counts, version).
    """
    out.mkdir(parents=True, exist_ok=True)
    tables = {
        "accounts": _accounts(world),
        "pairs": _pairs(world),
        "decoys": _decoys(world),
        "migrations": _migrations(world),
        "communities": _communities(world),
        "persons": _persons(world),
    }
    for name, table in tables.items():
        table.write_parquet(out / f"{name}.parquet")
    about = {
        "version": VERSION,
        "seed": world.seed,
        "poll": ids.iso(ids.POLL),
        "early_pull": ids.iso(ids.EARLY_PULL),
        "pull": ids.iso(ids.PULL),
        "counts": counts,
    }
    if world.difficulty is not MIDDLE:
        about["difficulty"] = (
            world.difficulty.name
        )  # a middle world keeps the bytes that it had before there were others
    (out / "world.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8", newline="\n")


def _table(columns: dict[str, Any], rows: Iterable[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=columns, orient="row")


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, pl.String)


def _when(at: int | None) -> Any:
    return None if at is None else ids.as_datetime(at)


def _accounts(world: World) -> pl.DataFrame:
    columns = _texts("account_id", "person_id", "role", "platform", "handle", "trace")
    rows = (
        (
            account.account_id,
            world.persons[account.person].person_id,
            world.persons[account.person].role.value,
            account.platform,
            account.handle,
            account.trace.value,
            account.reported,
            _when(account.created),
        )
        for account in world.accounts
    )
    return _table({**columns, "reported": pl.Boolean, "created_at": _TIME}, rows).sort("account_id")


def _pairs(world: World) -> pl.DataFrame:
    owned: dict[int, list[str]] = defaultdict(list)
    for account in world.accounts:
        owned[account.person].append(account.account_id)
    rows = (
        (left, right, world.persons[person].person_id)
        for person, accounts in owned.items()
        for left, right in combinations(sorted(accounts), 2)
    )
    return _table(_texts("left", "right", "person_id"), rows).sort("left", "right")


def _decoys(world: World) -> pl.DataFrame:
    rows = (
        (*sorted((world.accounts[model].account_id, world.accounts[resembling].account_id)), kind)
        for model, resembling, kind in world.decoys
    )
    return _table(_texts("left", "right", "kind"), rows).sort("left", "right")


def _migrations(world: World) -> pl.DataFrame:
    columns = _texts("person_id", "role", "origin_account_id", "destination_account_id", "kind", "trace")
    rows = (
        (
            world.persons[move.person].person_id,
            world.persons[move.person].role.value,
            world.accounts[move.origin].account_id,
            world.accounts[move.destination].account_id,
            move.kind.value,
            world.accounts[move.destination].trace.value,
            _when(move.enforced_at),
            _when(move.arrived_at),
        )
        for move in world.migrations
    )
    made = _table({**columns, "enforced_at": _TIME, "arrived_at": _TIME}, rows)
    return made.sort("origin_account_id", "destination_account_id")


def _communities(world: World) -> pl.DataFrame:
    columns = {**_texts("community_id", "person_id", "account_id"), "moves_together": pl.Boolean}
    rows = []
    for account in world.accounts:
        person = world.persons[account.person]
        if person.community is not None:
            community = world.communities[person.community]
            together = community.route is not None
            rows.append((community.community_id, person.person_id, account.account_id, together))
    return _table(columns, rows).sort("community_id", "account_id")


def _persons(world: World) -> pl.DataFrame:
    rows = ((person.person_id, person.role.value, person.size) for person in world.persons)
    return _table({**_texts("person_id", "role"), "accounts": pl.Int64}, rows).sort("person_id")
