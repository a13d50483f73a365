"""Link invented accounts with graphmatch and with Splink 5, beside each other: the same accounts, the same pairs.

Usage: python benchmarks/scale.py --accounts 100000 [--json] [--rounds 3] [--seed 1] [--only graphmatch] [--data FOLDER]

Each run is a process of its own; the two take turns, and medians over the rounds are told. The clock runs from the
tables in memory to scored pairs: imports, reading files and judging are outside of it, preparing texts and training are
inside, for both. CPU is user and system time of all threads. Peak memory is that of the whole process.

graphmatch runs by its levels alone (`link(..., start=default().unlabelled(), nearest=False)`), as Splink without
labels. Its blocking says, in a process before, which pairs Splink scores (see `splink_scale` for how, and what of the
blocking is inside the clock). That Splink scores just these is checked first, on 10,000 accounts at most. F1 is that at
the best threshold, over all pairs of one operator's accounts, blocked or not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

DATA = Path(__file__).parent / ".data"
LINKERS = ("graphmatch", "splink")
#: Of so many accounts at most it is checked that Splink scores the pairs it is given.
CHECKED = 10_000
#: graphmatch leaves out pairs of lower probability, as Splink does; the best threshold lies above.
LEAST_PROBABILITY = 0.01


def tables(options: argparse.Namespace):
    """Read accounts, with ``person``, and sightings."""
    from invented import tables as invented

    made = invented(options.data, options.accounts, options.seed)
    return made["accounts"], made["sightings"]


def pairs_file(options: argparse.Namespace) -> Path:
    """Say where the pair numbers of each account are kept."""
    return options.data / f"pairs-{options.accounts}-{options.seed}.parquet"


def block(options: argparse.Namespace) -> dict[str, Any]:
    """Keep, for each account in order, the numbers of the candidate pairs that it is in."""
    import polars as pl

    from graphmatch.link.pairing import prepare

    accounts, sightings = tables(options)
    ready = prepare(accounts.drop("person"), sightings, spelling=False)
    found = ready.candidates(nearest=False).candidates.select("left", "right")
    numbered = found.with_row_index("pair_numbers").with_columns(pl.col("pair_numbers").cast(pl.Int32))
    sides = pl.concat([numbered.select(pl.col(side).alias("row"), "pair_numbers") for side in ("left", "right")])
    rows = accounts.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    by_row = sides.group_by("row").agg("pair_numbers")
    rows.join(by_row, on="row", how="left", maintain_order="left").write_parquet(pairs_file(options))
    return {"pairs": found.height}


def graphmatch(options: argparse.Namespace) -> dict[str, Any]:
    """Link with graphmatch."""
    from graphmatch.link import default, link

    accounts, sightings = tables(options)
    bare = accounts.drop("person")
    clock = Clock()
    found = link(
        bare,
        sightings=sightings,
        start=default().unlabelled(),
        nearest=False,
        min_probability=LEAST_PROBABILITY,
    )
    told = clock.stop(found.candidates)
    return told | best_threshold(found.matches, accounts)


def splink(options: argparse.Namespace) -> dict[str, Any]:
    """Link with Splink; in a check keep all pairs, and compare them with those that it was given."""
    import polars as pl
    import splink_scale

    accounts, sightings = tables(options)
    numbers = pl.read_parquet(pairs_file(options))["pair_numbers"]
    bare = accounts.drop("person").with_columns(numbers)
    given = numbers.list.len().sum() // 2
    if options.check:
        return {"pairs": given, "same": same_pairs(splink_scale.link(bare, sightings, least=None), bare)}
    clock = Clock()
    scored = splink_scale.link(bare, sightings)
    told = clock.stop(given)
    return told | best_threshold(scored, accounts)


def same_pairs(scored, accounts) -> bool:
    """Tell whether just the numbered pairs were scored, each once."""
    import polars as pl

    sides = accounts.select("account_id", pl.col("pair_numbers")).explode("pair_numbers", keep_nulls=False)
    given = sides.group_by("pair_numbers").agg(pl.col("account_id").min().alias("left"), pl.col("account_id").max())
    either = [pl.min_horizontal("left", "right").alias("left"), pl.max_horizontal("left", "right").alias("right")]
    got = scored.select(either)
    wanted = given.select("left", pl.col("account_id").alias("right"))
    return got.height == wanted.height and got.join(wanted, on=["left", "right"], how="anti").is_empty()


class Clock:
    """Measures this process from now on."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def stop(self, pairs: int) -> dict[str, Any]:
        """Say what has been taken for so many pairs."""
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        told = {"wall_s": wall, "cpu_s": cpu, "peak_gib": peak, "pairs": pairs, "pairs_per_s": pairs / wall}
        return {name: round(value, 3) for name, value in told.items()}


def best_threshold(scored, accounts) -> dict[str, float]:
    """Find the weight from which on F1 is best: ``f1``, ``precision``, ``recall``, and the ``threshold`` in bits.

    ``scored`` has ``left, right, match_weight``; ``accounts`` has ``account_id, person``. Pairs of equal weight are
    taken or left together; true pairs that were not scored count as missed.
    """
    import polars as pl

    person = accounts.select("account_id", "person")
    ends = [scored.select(pl.col(side).alias("account_id")) for side in ("left", "right")]
    one, two = (end.join(person, on="account_id", how="left", maintain_order="left")["person"] for end in ends)
    sizes = accounts.group_by("person").len()["len"].cast(pl.Int64)
    true = int((sizes * (sizes - 1) // 2).sum())
    steps = (
        scored.select("match_weight", (one == two).alias("right"))
        .group_by("match_weight")
        .agg(pl.len().alias("all"), pl.col("right").sum())
        .sort("match_weight", descending=True)
        .with_columns(pl.col("all", "right").cast(pl.Int64).cum_sum())
        .with_columns((2 * pl.col("right") / (pl.col("all") + true)).alias("f1"))
    )
    best = steps.sort("f1", descending=True, maintain_order=True).row(0, named=True)
    told = {"f1": best["f1"], "precision": best["right"] / best["all"], "recall": best["right"] / true}
    return {name: round(value, 4) for name, value in told.items()} | {"threshold": round(best["match_weight"], 2)}


def child(*arguments: object, script: str = __file__) -> dict[str, Any]:
    """Run a script in a process of its own and read the JSON on its last line.

    Raises
    ------
    SystemExit
        It failed; its last words are told.
    """
    command = [sys.executable, script, *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n" + "\n".join(said[-12:]))
    return json.loads(done.stdout.splitlines()[-1])


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Run the linkers by turns and give each one's medians."""
    chosen = [options.only] if options.only else list(LINKERS)
    data = ("--seed", options.seed, "--data", options.data)
    if "splink" in chosen:
        few = min(options.accounts, CHECKED)
        for accounts in sorted({few, options.accounts}):
            given = child("--one", "block", "--accounts", accounts, *data)
        checked = child("--one", "splink", "--check", "--accounts", few, *data)
        if not checked["same"]:
            raise SystemExit(f"Splink does not score the {checked['pairs']} pairs that it is given")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    for _ in range(options.rounds):
        for name in chosen:
            told = child("--one", name, "--accounts", options.accounts, *data)
            runs[name].append(told)
            print(f"{name}: {json.dumps(told)}", file=sys.stderr, flush=True)
    if "splink" in chosen and any(run["pairs"] != given["pairs"] for told in runs.values() for run in told):
        raise SystemExit("the linkers did not score the same number of pairs")
    medians = {name: {key: median(run[key] for run in told) for key in told[0]} for name, told in runs.items()}
    return {"accounts": options.accounts, "rounds": options.rounds, "seed": options.seed, **medians}


def table(told: dict[str, Any]) -> str:
    """Lay the figures out, one line per linker."""
    names = [name for name in LINKERS if name in told]
    heads = list(told[names[0]])
    return "\n".join(
        ["\t".join(["", *heads]), *("\t".join([name, *(str(told[name][head]) for head in heads)]) for name in names)]
    )


def main() -> None:
    """Measure; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=LINKERS)
    parser.add_argument("--data", type=Path, default=DATA, help="where accounts are kept once made")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=("block", *LINKERS), help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps({"block": block, "graphmatch": graphmatch, "splink": splink}[options.one](options)))
        return
    told = compare(options)
    print(json.dumps(told) if options.json else table(told))


if __name__ == "__main__":
    main()
