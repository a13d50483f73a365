"""Measure how well probability and standing tell one operator's accounts from those of a rival: a copy or a look-alike.

Usage: python benchmarks/rivals.py [--accounts 500] [--seeds 1 2 3 4 5]

Prints one JSON over all worlds: pairs by kind (of one operator: by role; of rivals: an impersonator and a target's own
account, a joe-job and whom it blames, a firm, namesake or shared nickname and whom it resembles, two copies of one),
how many are matches at which probability, standing and story; and how well each score tells the former from the latter
(AUC, and the share of true pairs that pass where 0, 1 and 5 % of rivals do). The worlds' rates are guesses: use the
figures to compare versions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "link"))

from rival_pairs import SCORES, counted, found_in, pairs_of, scored, separation


def main() -> None:
    """Put the worlds together and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=500)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    worlds = []
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            world, results = found_in(Path(folder), options.accounts, seed)
        worlds.append(scored(pairs_of(world, results["accounts"]), results["matches"]))
    told = pl.concat(worlds)
    report = {
        "accounts": options.accounts,
        "seeds": options.seeds,
        "kinds": counted(told),
        "separation": {score: separation(told, score) for score in SCORES},
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
