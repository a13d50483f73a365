"""The simulator's accounts as the tables that linking takes, with their operators beside them: kept in a folder.

Straight from the world, not through exports and a store, so that a million accounts are there in minutes.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from graphmatch.model import SignalKind
from graphmatch.simulate import build_world, ids
from graphmatch.simulate.world import Account, World

TIME = pl.Datetime("us", "UTC")
ACCOUNTS = {
    "account_id": pl.String, "platform": pl.String, "instance": pl.String, "native_id": pl.String,
    "handle": pl.String, "display_name": pl.String, "bio": pl.String, "url": pl.String, "location": pl.String,
    "avatar_url": pl.String, "created_at": TIME, "person": pl.Int64,
}  # fmt: skip
SIGHTINGS = {"account_id": pl.String, "kind": pl.String, "value": pl.String}
TABLES = ("accounts", "sightings")


def tables(folder: Path, accounts: int, seed: int) -> dict[str, pl.DataFrame]:
    """Give ``accounts`` (with ``person``, the operator's number) and ``sightings``; made once per size and seed."""
    files = {name: folder / f"{name}-{accounts}-{seed}.parquet" for name in TABLES}
    if not all(file.exists() for file in files.values()):
        folder.mkdir(parents=True, exist_ok=True)
        world = build_world(accounts=accounts, seed=seed)
        _accounts(world).write_parquet(files["accounts"])
        _sightings(world).write_parquet(files["sightings"])
    return {name: pl.read_parquet(file) for name, file in files.items()}


def _accounts(world: World) -> pl.DataFrame:
    rows = (
        (
            one.account_id, one.platform, one.instance, one.native_id, one.handle, one.identity.display_name,
            one.identity.bio, one.url, one.identity.location, one.identity.avatar, ids.as_datetime(one.created),
            one.person,
        )
        for one in world.accounts
    )  # fmt: skip
    return pl.DataFrame(rows, schema=ACCOUNTS, orient="row").sort("account_id")


def _sightings(world: World) -> pl.DataFrame:
    made = [row for one in world.accounts for row in _seen(one)]
    return pl.DataFrame(made, schema=SIGHTINGS, orient="row").unique(maintain_order=True)


def _seen(one: Account) -> list[tuple[str, str, str]]:
    """List what is seen on an account; its contact values only where its platform's administrators know them."""
    shown = one.identity
    found = [(SignalKind.LINK, link) for link in shown.links]
    if shown.avatar:
        found.append((SignalKind.AVATAR_HASH, shown.avatar))
    if one.local:
        found += [
            (SignalKind.EMAIL_HMAC, shown.email),
            (SignalKind.IP_HMAC, shown.address),
            (SignalKind.DEVICE_HMAC, shown.device),
        ]
    return [(one.account_id, kind.value, value) for kind, value in found]
