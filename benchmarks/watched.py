"""A simulated world in which most accounts are never reported, and posts about candidates are collected daily.

The exports of `graphmatch simulate` hold hardly an account that nobody reported, so that nobody could be warned of.
Here the tables of such a world are changed, at rates that are guesses and stated:

- of some accounts (`NEVER`, by role) nobody ever reports anything, and no platform acts: their rows go;
- reports of the others, with all that came with them, reach the workspace later: by one delay an account, of 4 days in
  the middle (lognormal);
- each morning at six, somebody collects the posts of the day before that mention a candidate, and finds two in three;
  with each comes its account's profile, as that day shows it. Removed accounts are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from graphmatch.frames import frame
from graphmatch.merge import merge
from graphmatch.model import Account, Content, IdKind, Precision, Sighting
from graphmatch.normalise.contacts import Keyring
from graphmatch.pipeline import Line
from graphmatch.profile import profile_rows
from graphmatch.settings import load
from graphmatch.simulate import build_world, ids, write_world
from graphmatch.simulate.world import Account as TrueAccount
from graphmatch.simulate.world import Role, World
from graphmatch.store import open_store
from graphmatch.tables import OBSERVED, TIME, keys
from graphmatch.workspace import create

Tables = dict[str, pl.DataFrame]
#: Share of accounts that nobody ever reports, by what their operator does.
NEVER = {
    Role.BYSTANDER: 0.9,
    Role.LOOKALIKE: 0.9,
    Role.CRITIC: 0.7,
    Role.SPAMMER: 0.5,
    Role.IMPERSONATOR: 0.5,
    Role.ABUSER: 0.4,
    Role.EVADER: 0.2,
}
FOUND = 2 / 3
DELAY_DAYS, SPREAD = 4.0, 0.8
_DAY_US = 86_400_000_000
#: Times that say when something happened or was made, not when it was learned of.
_FACTS = {"created_at", "last_active", "at_earliest", "at_latest", "expires_at"}


def watched(root: Path, accounts: int, seed: int) -> tuple[Tables, pl.DataFrame]:
    """Make such a world: its observed tables, and its truth (``account_id, person_id, role, …``)."""
    write_world(root / "exports", accounts=accounts, seed=seed)
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        Line(workspace, load(workspace.config), store).ingest([str(root / "exports")])
        tables = {name: store.read(name) for name in OBSERVED}
    truth = pl.read_parquet(root / "exports/truth/accounts.parquet")
    random = np.random.default_rng(seed)
    chance = truth["role"].replace_strict({role.value: share for role, share in NEVER.items()}, return_dtype=pl.Float64)
    never = truth.filter(pl.Series(random.random(truth.height)) < chance)["account_id"]
    delays = np.exp(random.normal(np.log(DELAY_DAYS), SPREAD, truth.height)) * _DAY_US
    late = truth.select("account_id", pl.Series("delay", delays.astype(np.int64)).cast(pl.Duration("us")))
    kept = _delayed(_without(tables, never), late)
    return _collected(kept, build_world(accounts=accounts, seed=seed), random, workspace.keyring()), truth


def _without(tables: Tables, never: pl.Series) -> Tables:
    """Leave out all that is about some accounts."""
    gone = never.implode()
    posts = tables["contents"].filter(pl.col("account_id").is_in(gone))["content_id"].implode()
    kept = {
        name: table.filter(~pl.col("account_id").is_in(gone).fill_null(value=False))
        if "account_id" in table.columns
        else table
        for name, table in tables.items()
    }
    kept["enforcements"] = kept["enforcements"].filter(~pl.col("content_id").is_in(posts).fill_null(value=False))
    return kept


def _delayed(tables: Tables, late: pl.DataFrame) -> Tables:
    """Let everything be learned of later, but not later than the last export."""
    end = pl.lit(ids.as_datetime(ids.PULL), TIME)
    made = {}
    for name, table in tables.items():
        if "account_id" not in table.columns or name == "enforcements":
            made[name] = table
            continue
        joined = table.join(late, on="account_id", how="left", maintain_order="left")
        learned = [column for column, kind in table.schema.items() if kind == TIME and column not in _FACTS]
        moved = [
            pl.min_horizontal(pl.col(one) + pl.col("delay").fill_null(pl.duration()), end).alias(one) for one in learned
        ]
        made[name] = joined.with_columns(moved).drop("delay")
    return made


def _collected(tables: Tables, world: World, random: np.random.Generator, keyring: Keyring) -> Tables:
    """Add what was collected each morning."""
    found: dict[str, list[Account | Sighting | Content]] = {"accounts": [], "sightings": [], "contents": []}
    for post in world.posts:
        morning = (post.at - 6 * ids.HOUR) // ids.DAY * ids.DAY + ids.DAY + 6 * ids.HOUR
        account = world.accounts[post.account]
        is_there = account.enforced is None or account.enforced > morning
        if post.target is None or not is_there or morning > ids.PULL or random.random() > FOUND:
            continue
        for row in _profile(account, morning, keyring):
            found["accounts" if isinstance(row, Account) else "sightings"].append(row)
        found["contents"].append(
            Content(
                content_id=f"collected:{post.number}",
                platform=account.platform,
                account_id=account.account_id,
                text=post.text.replace("{t}", f"@{world.targets[post.target].handle}"),
                created_at=ids.as_datetime(post.at),
                observed_at=ids.as_datetime(morning),
            )
        )
    collected = {name: _once(name, frame(name, rows)) for name, rows in found.items()}
    return tables | {name: merge(name, tables[name], rows) for name, rows in collected.items()}


def _once(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    return merge(name, rows) if rows.select(pl.struct(keys(name)).is_duplicated()).to_series().any() else rows


def _profile(account: TrueAccount, at: int, keyring: Keyring) -> Iterator[Account | Sighting]:
    shown = account.identity
    dated = account.platform in ("bluesky", "mastodon", "reddit")
    row = Account(
        account_id=account.account_id,
        platform=account.platform,
        instance=account.instance,
        native_id=account.native_id,
        id_kind=IdKind.OPAQUE,
        observed_at=ids.as_datetime(at),
        handle=account.handle,
        display_name=shown.display_name or None,
        bio=shown.bio or None,
        url=account.url,
        location=shown.location,
        created_at=ids.as_datetime(account.created // ids.DAY * ids.DAY) if dated else None,
        created_at_precision=Precision.DAY if dated else None,
    )
    yield from profile_rows(row, source="collected", keyring=keyring, links=shown.links)
