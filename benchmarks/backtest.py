"""Run the backtest of early warning on simulated worlds that somebody watches, and hold it against the truth.

Usage: python benchmarks/backtest.py [--accounts 2000] [--seeds 1 2 3] [--levels-only] [--json]

Worlds are of `watched`, and pooled, each account its world's own. Beside what a workspace can know of itself stands the
truth: which share of the named accounts has the operator of an account that had been sanctioned elsewhere by then
(``true``), whoever reported them or not, and how many belong to lawful critics, bystanders and look-alikes
(``lawful``). Dates: each Monday from the third week of the campaign to the last week before the exports end.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from watched import watched

from graphmatch.backtest import KS, METHODS, Backtest, LineOptions, backtest, dates
from graphmatch.backtest.measures import over_all
from graphmatch.link import default
from graphmatch.simulate import ids
from graphmatch.tables import empty

LAWFUL = ("critic", "bystander", "lookalike")
WEEK = timedelta(days=7)
SHOWN = ("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high")


def measure(accounts: int, seeds: list[int], *, levels_only: bool) -> dict[str, Any]:
    """Make each world, test it backwards, and add up."""
    options = LineOptions(start=default().unlabelled() if levels_only else default())
    first, last = ids.as_datetime(ids.CAMPAIGN) + 2 * WEEK, ids.as_datetime(ids.PULL) - WEEK
    found, started = [], time.process_time()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            tables, truth = watched(Path(folder), accounts, seed)
        at = dates(first.replace(hour=0), last, WEEK)
        found.append((seed, backtest(tables, empty("judgements"), at, options=options), truth))
        print(f"seed {seed}: {found[-1][1].coverage.to_dicts()[-1]}", file=sys.stderr, flush=True)
    return {
        "accounts": accounts,
        "worlds": len(seeds),
        "dates": len(at),
        "linking": "levels only" if levels_only else "learned weights",
        "cpu_s": round(time.process_time() - started, 1),
        "base_rate": _base_rate([one for _, one, _ in found]),
        "pooled": _pooled(found),
    }


def _base_rate(found: list[Backtest]) -> float:
    """Give the precision of naming all who could be named."""
    named = sum(one.named for one in found)
    return round(sum(one.borne_out for one in found) / named, 3) if named else 0.0


def _pooled(found: list[tuple[int, Backtest, pl.DataFrame]]) -> dict[str, dict[str, Any]]:
    listed = _of_worlds([(seed, one.listed) for seed, one, _ in found])
    came = _of_worlds([(seed, one.outcomes) for seed, one, _ in found])
    sought = _of_worlds([(seed, one.sought) for seed, one, _ in found])
    truth = _of_worlds([(seed, truth) for seed, _, truth in found])
    rows = {}
    for row in over_all(listed, came, sought, METHODS, KS, 0).iter_rows(named=True):
        named = listed.filter((pl.col("method") == row["method"]) & (pl.col("rank") <= row["k"]))
        told = {name: row[name] for name in ("named", "hits", "sought", "known", "found")}
        told |= {name: None if row[name] is None else round(row[name], 3) for name in SHOWN}
        told |= {
            name: None if row[name] is None else round(row[name], 1) for name in row if name.startswith("lead_days")
        }
        rows[f"{row['method']}, top {row['k']}"] = told | _held_against(named, truth, came)
    return rows


def _of_worlds(parts: list[tuple[int, pl.DataFrame]]) -> pl.DataFrame:
    """Put the worlds' tables together; an account is its world's own."""
    return pl.concat(
        part.with_columns(
            pl.format("{}/{}", pl.lit(seed), pl.col(name)).alias(name)
            for name in ("account_id", "enforced_account_id", "person_id")
            if name in part.columns
        )
        for seed, part in parts
    )


def _held_against(named: pl.DataFrame, truth: pl.DataFrame, came: pl.DataFrame) -> dict[str, Any]:
    """Say of the named accounts how many have an enforced account's operator, and how many are lawful."""
    first = named.sort("at", "rank").unique("account_id", keep="first", maintain_order=True)
    first = first.join(truth.select("account_id", "person_id", "role", "platform"), on="account_id")
    acted = truth.join(came.select("account_id", "enforced_at").drop_nulls(), on="account_id")
    both = first.join(acted.select("person_id", "enforced_at", theirs="platform"), on="person_id")
    true = both.filter((pl.col("enforced_at") <= pl.col("at")) & (pl.col("theirs") != pl.col("platform")))
    share = round(true["account_id"].n_unique() / first.height, 3) if first.height else None
    return {"true": share, "lawful": int(first["role"].is_in(LAWFUL).sum())}


def main() -> None:
    """Measure and print; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--levels-only", action="store_true", help="link by levels, without learned weights")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.accounts, options.seeds, levels_only=options.levels_only)
    for name, row in found["pooled"].items():
        print(f"{name:24}", row)
    if options.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
