"""Measure how long some new accounts take with an index of the known ones, against linking all of them.

Usage: python benchmarks/incremental.py [--known 100000] [--new 1000] [--seed 1] [--folder DIR] [--json]

Invented accounts (`benchmarks/invented.py`), drawn from ``known + new`` of them; both take their tables from memory and
have the model and the census of the index. ``update`` includes reading the index and writing it. It looks through all
tables for what is new; ``told`` is the same update for a caller who says that only new accounts came. The Matches must
be the same. Seconds are CPU seconds of the process (user + system): on a shared machine they are steadier than the
clock. The invented accounts are kept in ``--folder``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import invented
import polars as pl

from graphmatch.link import link
from graphmatch.link.index import Index, Tables, Updated

Seconds = dict[str, float]


def timed(function: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, Seconds]:
    """Call a function; give what it gives and the seconds that it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = function(*args, **options)
    return made, {"cpu_s": round(time.process_time() - cpu, 3), "wall_s": round(time.perf_counter() - wall, 3)}


def update(folder: Path, tables: dict[str, pl.DataFrame], changed: list[str] | None) -> tuple[Updated, Seconds]:
    """Read a copy of the index and bring it up to date; also give the CPU seconds of each step."""
    steps: Seconds = {}
    last = time.process_time()

    def step(what: str, *_: int) -> None:
        nonlocal last
        now = time.process_time()
        steps[f"{what}_cpu_s"], last = round(now - last, 3), now

    def run() -> Updated:
        index = Index.open(folder)
        step("opening")
        more: Tables = {"sightings": tables["sightings"]}
        return index.update(tables["accounts"], more, changed=changed, progress=step)

    made, took = timed(run)
    return made, {**took, **steps}


def measure(known: int, new: int, seed: int, folder: Path) -> dict[str, Any]:
    """Make the index of the known accounts if there is none yet, and measure."""
    tables = invented.tables(folder, known + new, seed)
    tables["accounts"] = tables["accounts"].drop("person").sample(fraction=1.0, shuffle=True, seed=seed)
    made = folder / f"index-{known}-{new}-{seed}"
    found: dict[str, Any] = {"known": known, "new": new}
    before = {"sightings": tables["sightings"]}
    _, found["build"] = timed(Index.build, made, tables["accounts"][new:], before)
    with tempfile.TemporaryDirectory(dir=folder) as copies:
        for name, changed in (("update", None), ("told", [])):
            copy = Path(copies) / name
            shutil.copytree(made, copy)
            updated, found[name] = update(copy, tables, changed)
            matches, found["matches"] = timed(updated.index.matches)
            found[name] |= {"compared": updated.compared, "new_matches": updated.new.height}
            index = updated.index
            del updated
        whole, found["full"] = timed(
            link, tables["accounts"], **before, model=index.model, census=index.census, nearest=False
        )
    if not matches.equals(whole.matches):
        sys.exit("the index gives other Matches than linking all accounts does")
    for name in ("update", "told"):
        found[name]["share_of_full"] = round(found[name]["cpu_s"] / found["full"]["cpu_s"], 4)
    found["full"] |= {"candidates": whole.candidates, "matches": whole.matches.height}
    shutil.rmtree(made)
    return found


def main() -> None:
    """Measure and print."""
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reader.add_argument("--known", type=int, default=100_000)
    reader.add_argument("--new", type=int, default=1_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--folder", type=Path, default=Path(__file__).parent / ".data")
    reader.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    asked = reader.parse_args()
    found = measure(asked.known, asked.new, asked.seed, asked.folder)
    if asked.json:
        print(json.dumps(found))
        return
    for name, of in found.items():
        print(
            f"{name:<8}", of if not isinstance(of, dict) else "  ".join(f"{what} {value}" for what, value in of.items())
        )


if __name__ == "__main__":
    main()
