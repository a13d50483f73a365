"""Compare the communities that the line finds in simulated worlds with those that were planted.

Usage: python benchmarks/community_truth.py [--accounts 3000] [--seeds 1 2 3] [--json]

A found community is *of* a planted one if more than half of its accounts are. What is measured, over all seeds: how
many planted communities are found (a Jaccard index of one half with the accounts that the tables hold); the share of
found ones of five accounts or more that are of a planted one, of all and of those beyond chance; and of ``moves
together`` precision, and recall twice: of all planted communities that moved together, and of those of which the line
traced two or more actors on one way, which is all that a test of traced moves can find. The worlds are adversarial by
design and their rates are guesses: use the figures to compare versions, not as accuracy on real reports.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from graphmatch.community import SURE
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.simulate import write_world
from graphmatch.store import open_store
from graphmatch.workspace import create

FOUND, LARGE = 0.5, 5
TABLES = ("accounts", "actors", "migrations", "communities", "community_moves")


def world(root: Path, accounts: int, seed: int) -> dict[str, pl.DataFrame]:
    """Simulate one world, run the line on it, and give what it found beside the planted ``truth``."""
    write_world(root / "exports", accounts=accounts, seed=seed)
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        line.ingest([str(root / "exports")])
        line.after_ingest()
        found = {name: store.read(name) for name in TABLES}
    return found | {"truth": pl.read_parquet(root / "exports/truth/communities.parquet")}


def counted(tables: dict[str, pl.DataFrame]) -> Counter[str]:
    """Count what there is, what is found and what is right in one world."""
    seen = tables["truth"].join(tables["accounts"].select("account_id"), on="account_id", how="semi")
    planted = {key: set(rows["account_id"]) for (key,), rows in seen.group_by("community_id")}
    planted = {key: members for key, members in planted.items() if len(members) > 1}
    together = set(seen.filter("moves_together")["community_id"]) & planted.keys()
    found = {row["community_id"]: row for row in tables["communities"].iter_rows(named=True)}
    of = {name: _of(set(row["account_ids"]), planted) for name, row in found.items()}
    counts = Counter(planted=len(planted), found=len(found))
    groups = [set(row["account_ids"]) for row in found.values()]
    counts["planted_found"] = sum(
        any(len(members & group) >= FOUND * len(members | group) for group in groups) for members in planted.values()
    )
    large = {name for name, row in found.items() if row["size"] >= LARGE}
    beyond = {name for name in large if (found[name]["chance_q"] or 1) <= SURE}
    for word, names in (("large", large), ("beyond", beyond)):
        counts[word] = len(names)
        counts[f"{word}_planted"] = sum(of[name] is not None for name in names)
    moved = set(tables["community_moves"].filter("moves_together")["community_id"])
    counts["said_together"] = len(moved)
    counts["rightly_together"] = sum(of[name] in together for name in moved)
    counts["together"] = len(together)
    counts["together_found"] = len({of[name] for name in moved} & together)
    traced = _traced(tables, seen) & together
    counts["together_traced"] = len(traced)
    counts["together_traced_found"] = len({of[name] for name in moved} & traced)
    return counts


def _of(members: set[str], planted: dict[str, set[str]]) -> str | None:
    """Name the planted community that more than half of the members are of."""
    best = max(planted, key=lambda key: len(planted[key] & members), default=None)
    return best if best is not None and 2 * len(planted[best] & members) > len(members) else None


def _traced(tables: dict[str, pl.DataFrame], seen: pl.DataFrame) -> set[str]:
    """Name the planted communities of which two actors or more are traced from one platform to one other."""
    way = ["origin_platform", "destination_platform"]
    moves = tables["migrations"].filter(pl.col("kind") != "multi_homed", pl.col(way[0]) != pl.col(way[1]))
    ways = moves.join(seen, left_on="origin_account_id", right_on="account_id").group_by("community_id", *way)
    return set(ways.agg(pl.col("actor_id").n_unique()).filter(pl.col("actor_id") > 1)["community_id"])


def measure(accounts: int, seeds: list[int]) -> dict[str, float]:
    """Add up the counts of worlds, and divide."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            counts += counted(world(Path(folder), accounts, seed))
    return {
        "worlds": len(seeds),
        "planted": counts["planted"],
        "of them found": _share(counts["planted_found"], counts["planted"]),
        f"found, of {LARGE} accounts or more": counts["large"],
        "of those planted": _share(counts["large_planted"], counts["large"]),
        "beyond chance": counts["beyond"],
        "of those, planted": _share(counts["beyond_planted"], counts["beyond"]),
        "said to move together": counts["said_together"],
        "precision": _share(counts["rightly_together"], counts["said_together"]),
        "planted together": counts["together"],
        "recall": _share(counts["together_found"], counts["together"]),
        "traced together": counts["together_traced"],
        "recall of traced": _share(counts["together_traced_found"], counts["together_traced"]),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def main() -> None:
    """Measure; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.accounts, options.seeds)
    for name, value in found.items():
        print(f"{name:32} {value}")
    if options.json:
        print(json.dumps({"accounts": options.accounts, "communities": {"of worlds": found}}))


if __name__ == "__main__":
    main()
