"""Compare what the line finds in simulated worlds with their truth.

Usage: python benchmarks/truth.py [--accounts 500] [--seeds 1 2 3 4 5]

Prints one JSON: precision and recall of matches by probability, and how many migrations join two different persons, by
standing. The worlds are adversarial by design (namesakes, joe-jobs, shared nicknames), and their rates are guesses: use
the figures to compare versions, not as accuracy on real reports.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from graphmatch.model import Story
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.simulate import write_world
from graphmatch.store import open_store
from graphmatch.workspace import create

GATES = (0.5, 0.9, 0.99)


def world(
    root: Path,
    accounts: int,
    seed: int,
    difficulty: str = "middle",
    tables: tuple[str, ...] = ("accounts", "matches", "migrations"),
    truth: tuple[str, ...] = ("accounts", "pairs"),
) -> dict[str, pl.DataFrame]:
    """Simulate one world, run the line on it, and give the tables that it made beside those of the truth."""
    write_world(root / "exports", accounts=accounts, seed=seed, difficulty=difficulty)
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        line.ingest([str(root / "exports")])
        line.after_ingest()
        found = {name: store.read(name) for name in tables}
    return found | {f"true_{name}": pl.read_parquet(root / f"exports/truth/{name}.parquet") for name in truth}


def of_matches(tables: dict[str, pl.DataFrame]) -> Counter[str]:
    """Count pairs: all true ones, and at each gate those found and those found rightly."""
    known = set(tables["accounts"]["account_id"])
    true = {
        tuple(sorted(pair)) for pair in tables["true_pairs"].select("left", "right").iter_rows() if known >= set(pair)
    }
    counts = Counter({"true": len(true)})
    same = tables["matches"].filter(story=Story.SAME_OPERATOR.value)
    for gate in GATES:
        pairs = set(same.filter(pl.col("match_probability") >= gate).select("left", "right").iter_rows())
        counts[f"found_{gate}"], counts[f"right_{gate}"] = len(pairs), len(pairs & true)
    strong = set(same.filter(pl.col("standing") != "suggested").select("left", "right").iter_rows())
    counts["found_corroborated"], counts["right_corroborated"] = len(strong), len(strong & true)
    return counts


def of_migrations(tables: dict[str, pl.DataFrame]) -> Counter[tuple[str, str]]:
    """Count migrations by standing: all, and those that join two different persons or begin at a lawful critic."""
    person, role = (
        dict(tables["true_accounts"].select("account_id", name).iter_rows()) for name in ("person_id", "role")
    )
    counts: Counter[tuple[str, str]] = Counter()
    for row in tables["migrations"].iter_rows(named=True):
        origin, destination = row["origin_account_id"], row["destination_account_id"]
        counts[row["standing"], "all"] += 1
        counts[row["standing"], "two_persons"] += person.get(origin) != person.get(destination)
        counts[row["standing"], "from_a_critic"] += role.get(origin) == "critic"
    return counts


def main() -> None:
    """Add up the worlds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    matches: Counter[str] = Counter()
    migrations: Counter[tuple[str, str]] = Counter()
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            tables = world(Path(folder), options.accounts, seed)
        matches += of_matches(tables)
        migrations.update(of_migrations(tables))
    rates = {
        str(gate): {
            "precision": round(matches[f"right_{gate}"] / max(matches[f"found_{gate}"], 1), 3),
            "recall": round(matches[f"right_{gate}"] / matches["true"], 3),
            "pairs": matches[f"found_{gate}"],
        }
        for gate in (*GATES, "corroborated")
    }
    by_standing: dict[str, dict[str, int]] = {}
    for (standing, what), count in sorted(migrations.items()):
        by_standing.setdefault(standing, {})[what] = count
    print(
        json.dumps({"accounts": options.accounts, "seeds": options.seeds, "matches": rates, "migrations": by_standing})
    )


if __name__ == "__main__":
    main()
