"""How often flows are called beyond chance where nobody moves, and where routes were planted.

Usage: python benchmarks/flows.py [--accounts 600] [--seeds 1 2 3 4 5] [--deals 4]

Prints one JSON. ``strangers``: the accounts of simulated worlds are dealt out to operators by chance, so that whatever
is found is chance. ``true_links``: the operators are the true ones. ``line``: actors as the line forms them. Of the
last two, ``planted`` counts tested flows with five true moves after a removal or more, ``unplanted`` those without any.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from graphmatch.migration import by_chance
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.simulate import write_world
from graphmatch.store import open_store
from graphmatch.tables import dtypes
from graphmatch.workspace import create

ENDS = ["origin_platform", "destination_platform"]
KINDS = ("displaced", "returned", "pre_positioned")
PLANTED = 5
TABLES = ("accounts", "enforcements", "reports", "contents", "sightings")


def actors(people: pl.DataFrame) -> pl.DataFrame:
    """Make actors of accounts by ``person_id``."""
    held = people.group_by("person_id").agg(pl.col("account_id").sort()).filter(pl.col("account_id").list.len() > 1)
    made = held.select(actor_id="person_id", account_ids="account_id").sort("actor_id")
    return pl.DataFrame(made.to_dicts(), schema=dtypes("actors"))


def counted(found: pl.DataFrame, true: pl.DataFrame) -> Counter[str]:
    """Count the flows tested and those beyond chance, by how many true moves they hold."""
    known = found.drop_nulls("q_value").join(true, on=ENDS, how="left").with_columns(pl.col("moves").fill_null(0))
    counts: Counter[str] = Counter()
    for name, rows in (
        ("planted", known.filter(pl.col("moves") >= PLANTED)),
        ("unplanted", known.filter(pl.col("moves") == 0)),
    ):
        counts[f"{name}_tested"] += rows.height
        counts[f"{name}_beyond_chance"] += int((rows["verdict"] == "beyond_chance").sum())
    return counts


def measure(root: Path, accounts: int, seed: int, deals: int) -> dict[str, Counter[str]]:
    """Measure one world."""
    write_world(root / "exports", accounts=accounts, seed=seed)
    workspace = create(root / "workspace")
    settings = load(workspace.config)
    counts: dict[str, Counter[str]] = {"strangers": Counter()}
    with open_store(workspace.store_url) as store:
        line = Line(workspace, settings, store)
        line.ingest([str(root / "exports")])
        line.after_ingest()
        found = line.flows()
        tables = {name: store.read(name) for name in TABLES}
    truth = root / "exports/truth"
    people = pl.read_parquet(truth / "accounts.parquet").filter(
        pl.col("account_id").is_in(tables["accounts"]["account_id"].implode())
    )
    moves = pl.read_parquet(truth / "migrations.parquet").filter(pl.col("kind").is_in(KINDS))
    sides = [
        pl.col(f"{end}_account_id").str.split(":").list.first().alias(f"{end}_platform")
        for end in ("origin", "destination")
    ]
    true = moves.select(sides).group_by(ENDS).agg(moves=pl.len())
    options = {"window": timedelta(days=settings.flow_days), "permutations": settings.permutations}
    counts["line"] = counted(found, true)
    counts["true_links"] = counted(by_chance(actors(people), **tables, **options), true)
    for deal in range(deals):
        dealt = people.with_columns(
            person_id=pl.Series(np.random.default_rng(deal).permutation(people["person_id"].to_numpy()))
        )
        tested = by_chance(actors(dealt), **tables, **options, seed=deal).drop_nulls("q_value")
        counts["strangers"] += Counter(
            tested=tested.height,
            beyond_chance=int((tested["verdict"] == "beyond_chance").sum()),
            p_under_005=int((tested["p_value"] <= 0.05).sum()),
        )
    return counts


def main() -> None:
    """Add up the worlds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--deals", type=int, default=4)
    options = parser.parse_args()
    total: dict[str, Counter[str]] = {}
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            for name, counts in measure(Path(folder), options.accounts, seed, options.deals).items():
                total.setdefault(name, Counter()).update(counts)
    print(json.dumps({name: dict(counts) for name, counts in total.items()}, indent=1))


if __name__ == "__main__":
    main()
