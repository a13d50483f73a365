"""What comparing strings costs at least: rapidfuzz alone on graphmatch's candidate pairs, beside all of graphmatch.

Usage: python benchmarks/floor.py --accounts 100000 [--json] [--seed 1] [--rounds 3] [--data FOLDER]

Two comparisons of the raw texts of each pair, no normalising, no levels, no weights: Jaro-Winkler of the handles and
`fuzz.ratio` of the display names, in one call each on one core. Told in microseconds of CPU per pair: the comparisons
alone (their lists of Python strings made beforehand), with the making of these lists, and graphmatch (`scale.py`) in
all, from accounts to scored pairs, and from the last blocking rule on: fitting, comparing, weighing and laying out. All
are medians; each round of graphmatch is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import scale
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from graphmatch.link import default, link
from graphmatch.link.pairing import prepare

SCORERS = {"handle": JaroWinkler.normalized_similarity, "display_name": fuzz.ratio}


def rapidfuzz(options: argparse.Namespace) -> dict[str, Any]:
    """Compare the pairs' handles and names."""
    accounts, sightings = scale.tables(options)
    pairs = prepare(accounts.drop("person"), sightings).candidates(nearest=False).candidates
    texts = accounts.select(pl.col(*SCORERS).fill_null(""))
    bare, all_of_it = [], []
    for _ in range(options.rounds):
        begun = time.process_time()
        lists = {name: [texts[name].gather(pairs[side]).to_list() for side in ("left", "right")] for name in SCORERS}
        made = time.process_time()
        for name, scorer in SCORERS.items():
            process.cpdist(*lists[name], scorer=scorer, dtype=np.float32, workers=1)
        bare.append(time.process_time() - made)
        all_of_it.append(time.process_time() - begun)
    micros = 1e6 / max(pairs.height, 1)
    return {
        "pairs": pairs.height,
        "rapidfuzz_us": round(median(bare) * micros, 3),
        "rapidfuzz_with_lists_us": round(median(all_of_it) * micros, 3),
    }


def graphmatch(options: argparse.Namespace) -> dict[str, Any]:
    """Link as `scale` does, and note when blocking is done."""
    accounts, sightings = scale.tables(options)
    bare = accounts.drop("person")
    begun = time.process_time()
    blocked = [begun]

    def note(what: str, _done: int, _of: int) -> None:
        if what == "blocking":
            blocked.append(time.process_time())

    found = link(bare, sightings=sightings, start=default().unlabelled(), nearest=False, progress=note)
    ended = time.process_time()
    micros = 1e6 / max(found.candidates, 1)
    return {
        "graphmatch_us": round((ended - begun) * micros, 3),
        "scoring_us": round((ended - blocked[-1]) * micros, 3),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure both, and how many times the floor graphmatch is."""
    data = ("--accounts", options.accounts, "--seed", options.seed, "--data", options.data)
    told = scale.child("--one", "rapidfuzz", "--rounds", options.rounds, *data, script=__file__)
    runs = [scale.child("--one", "graphmatch", *data, script=__file__) for _ in range(options.rounds)]
    told |= {name: median(run[name] for run in runs) for name in runs[0]}
    floor = told["rapidfuzz_with_lists_us"]
    ratios = {f"{name}_over_floor": round(told[f"{name}_us"] / floor, 2) for name in ("graphmatch", "scoring")}
    return {"accounts": options.accounts, **told, **ratios}


def main() -> None:
    """Measure; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=scale.DATA, help="where accounts are kept once made")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=("rapidfuzz", "graphmatch"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps({"rapidfuzz": rapidfuzz, "graphmatch": graphmatch}[options.one](options)))
        return
    told = measure(options)
    print(json.dumps(told) if options.json else "\n".join(f"{name}\t{value}" for name, value in told.items()))


if __name__ == "__main__":
    main()
