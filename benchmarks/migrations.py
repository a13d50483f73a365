"""Hold the migrations that the line finds in simulated worlds against their truth, at each difficulty.

Usage: python benchmarks/migrations.py [--accounts 3000] [--seeds 61 62 63] [--difficulties easy middle hard] [--json]

The measures are those of `graphmatch evaluate-migrations` (`graphmatch.evaluation.move_measures` defines them): one row
a world, then over the worlds of each difficulty F1 by kind, the share found by what the operator kept, and why visible
moves were missed. ``given true actors`` is what the migrations room makes of perfect links: the rest is theirs. Worlds
are adversarial and their rates are guesses: compare versions by them, and expect no such figure of real reports.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
from truth import world

from graphmatch.evaluation import missed, misses, move_measures, truth_of
from graphmatch.migration import trace
from graphmatch.model import MigrationKind, Standing
from graphmatch.simulate import DIFFICULTIES
from graphmatch.tables import dtypes

OBSERVED = ("accounts", "enforcements", "reports", "contents", "matches", "sightings")
SHOWN = (
    "precision",
    "recall",
    "f1",
    "kind_accuracy",
    "kind_accuracy_all",
    "false_displaced",
    "false_displaced_lawful",
    "time_error_days",
)
Told = dict[str, Any]


def measure(accounts: int, seed: int, difficulty: str) -> Told:
    """Run the line on one world and measure its migrations; ``given_truth`` are those of its true actors."""
    with tempfile.TemporaryDirectory() as folder:
        known = world(
            Path(folder), accounts, seed, difficulty, (*OBSERVED, "actors", "migrations"), ("accounts", "migrations")
        )
    truth = truth_of(
        known["true_migrations"], known["true_accounts"], *(known[n] for n in ("accounts", "enforcements", "contents"))
    )
    found = known["migrations"]
    perfect = trace(true_actors(known), *(known[name] for name in OBSERVED))
    return {
        **move_measures(found, truth),
        "misses": misses(missed(found, truth), known),
        "given_truth": move_measures(perfect, truth),
    }


def true_actors(known: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Make the actors that perfect links would give: the accounts in the workspace, by person."""
    held = known["true_accounts"].join(known["accounts"].select("account_id"), on="account_id", how="semi")
    grouped = held.group_by("person_id").agg(pl.col("account_id").sort()).filter(pl.col("account_id").list.len() > 1)
    made = grouped.sort("person_id").select(
        actor_id="person_id",
        account_ids="account_id",
        platforms=pl.lit([], pl.List(pl.String)),
        size=pl.col("account_id").list.len(),
        match_probability=pl.lit(1.0),
        standing=pl.lit(Standing.SUGGESTED.value),
    )
    return made.cast(dtypes("actors"))  # type: ignore[arg-type]


def report(accounts: int, seeds: list[int], difficulties: list[str]) -> Told:
    """Measure every world, and add the worlds of each difficulty up."""
    told: Told = {"accounts": accounts, "worlds": {}, "f1_by_kind": {}, "found_by_trace": {}, "misses": {}}
    for difficulty in difficulties:
        found = []
        for seed in seeds:
            found.append(measure(accounts, seed, difficulty))
            told["worlds"][f"{difficulty} {seed}"] = row(found[-1])
            print(difficulty, seed, row(found[-1]), file=sys.stderr, flush=True)
        told["f1_by_kind"][difficulty] = by_kind(found)
        told["found_by_trace"][difficulty] = by_trace(found)
        told["misses"][difficulty] = dict(sum((Counter(one["misses"]) for one in found), Counter()))
    return told


def row(one: Told) -> Told:
    """Pick what is shown of a world."""
    counts, given = one["counts"], one["given_truth"]
    return {
        "visible": counts["visible"],
        "found": counts["found"],
        **{name: one[name] for name in SHOWN},
        "F1 of every move": one["strict"]["f1"],
        "F1 given true actors": given["f1"],
        "kinds given true actors": given["kind_accuracy"],
    }


def by_kind(found: list[Told]) -> Told:
    """Add up counts and give F1 by kind; the kind must be right too."""
    shares = {}
    for kind in MigrationKind:
        rows = [one["by_kind"][kind.value] for one in found]
        right, named, true = (sum(each[name] for each in rows) for name in ("right", "found", "visible"))
        shares[kind.value] = 2 * right / (named + true) if true else None
    return shares


def by_trace(found: list[Told]) -> Told:
    """Give the share of visible moves that were found by what the operator kept of the account before."""
    true, hit = Counter(), Counter()
    for one in found:
        for name, each in one["by_trace"].items():
            true[name] += each["visible"]
            hit[name] += each["found"]
    return {name: hit[name] / true[name] for name in sorted(true)}


def show(told: Told) -> None:
    """Print each table in columns."""
    for name, rows in told.items():
        if not isinstance(rows, dict):
            continue
        print(f"\n{name.replace('_', ' ')}")
        heads = list(dict.fromkeys(head for each in rows.values() for head in each))
        for head in heads:
            cells = (each.get(head) for each in rows.values())
            print(f"  {head:24}" + "".join(f"{_cell(cell):>12}" for cell in cells))
        print(f"  {'':24}" + "".join(f"{one:>12}" for one in rows))


def _cell(cell: float | None) -> str:
    return "-" if cell is None else f"{cell:.3f}" if isinstance(cell, float) else f"{cell:,}"


def main() -> None:
    """Measure and print; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[61, 62, 63])
    parser.add_argument("--difficulties", nargs="+", choices=list(DIFFICULTIES), default=list(DIFFICULTIES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = report(options.accounts, options.seeds, options.difficulties)
    show(told)
    if options.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
