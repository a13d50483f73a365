"""Tables of an invented world, straight from the simulator, with the operators as they are or dealt out anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from graphmatch import tables
from graphmatch.migration import WINDOW, by_chance
from graphmatch.simulate import build_world, ids
from graphmatch.simulate.world import Outcome, World

PERMANENT, FOR_DAYS = "account_suspended_perm", "account_suspended_temp"


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


@dataclass
class Flowing:
    """What `by_chance` takes."""

    actors: pl.DataFrame
    accounts: pl.DataFrame
    enforcements: pl.DataFrame
    reports: pl.DataFrame
    contents: pl.DataFrame
    sightings: pl.DataFrame

    def by_chance(self, **options: Any) -> pl.DataFrame:
        return by_chance(**vars(self), **{"window": WINDOW, **options})


def flowing(world: World, strangers: int | None = None) -> Flowing:
    """Read a world. ``strangers`` (a seed) deals the accounts out to operators by chance: nobody moves then."""
    owners = np.array([account.person for account in world.accounts])
    if strangers is not None:
        owners = np.random.default_rng(strangers).permutation(owners)
    held: dict[int, list[str]] = {}
    for account, owner in zip(world.accounts, owners.tolist(), strict=True):
        held.setdefault(owner, []).append(account.account_id)
    groups = [sorted(ids) for ids in held.values() if len(ids) > 1]
    name = [account.account_id for account in world.accounts]
    return Flowing(
        frame("actors", [{"actor_id": f"actor-{ids[0]}", "account_ids": ids} for ids in groups]),
        frame("accounts", [_account(account) for account in world.accounts]),
        frame("enforcements", [_enforcement(number, one, name) for number, one in enumerate(world.enforcements)]),
        frame("reports", [_report(number, one, name) for number, one in enumerate(world.reports)]),
        frame(
            "contents",
            [
                {"content_id": f"c{post.number}", "account_id": name[post.account], "created_at": _at(post.at)}
                for post in world.posts
            ],
        ),
        frame("sightings", []),
    )


def world_of(accounts: int, seed: int) -> World:
    return build_world(accounts=accounts, seed=seed)


def _at(seconds: int) -> datetime:
    return ids.as_datetime(seconds)


def _account(account: Any) -> dict[str, Any]:
    names = ("account_id", "platform", "instance", "native_id", "handle")
    told = {name: getattr(account, name) for name in names}
    return {**told, "created_at": _at(account.created), "created_at_precision": "exact"}


def _enforcement(number: int, one: Any, name: list[str]) -> dict[str, Any]:
    actions = {Outcome.SUSPENDED: PERMANENT, Outcome.SUSPENDED_FOR_DAYS: FOR_DAYS, Outcome.DISMISSED: "none"}
    at = _at(one.at)
    return {
        "enforcement_id": f"e{number}",
        "account_id": name[one.account],
        "action": actions.get(one.outcome, "warning"),
        "scope": "platform",
        "at_earliest": at,
        "at_latest": at,
        "expires_at": at + timedelta(days=one.days) if one.days else None,
    }


def _report(number: int, one: Any, name: list[str]) -> dict[str, Any]:
    return {
        "report_id": f"r{number}",
        "account_id": name[one.account],
        "gate": "terms",
        "category_reported": one.leaf,
        "reported_at": _at(one.at),
        "content_ids": [] if one.post is None else [f"c{one.post}"],
    }
