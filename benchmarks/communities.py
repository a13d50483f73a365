"""Measure communities by stage: CPU and wall seconds, and the peak memory of each stage.

Usage: python benchmarks/communities.py --nodes 1000000 --edges 5000000 [--json]
       python benchmarks/communities.py --accounts 1000000 [--json]

The first searches a planted partition: communities of 50, four edges in five inside one, every weight 1. Its resolution
is chosen as the line chooses it, on a sample; NMI is against the plant. The second makes tables as
`detect` takes them, three reports an account, with rings of twelve, busy targets, worn texts and link shorteners among
them. What is measured is one process; making the input is a stage of its own. Peaks are resident memory (Linux), and
hold what earlier stages left.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
import polars as pl
from stages import Stages

from graphmatch import tables
from graphmatch.community import Ties, chosen, search, stability, tie
from graphmatch.community.search import parts, table

SIZE, INNER = 50, 0.8
RING = 12
START = 1_767_225_600_000_000  # 1 January 2026, in µs
MINUTE = 60_000_000


def plant(nodes: int, edges: int, seed: int, inner: float = INNER) -> pl.DataFrame:
    """Draw about ``edges`` pairs ``source, target`` of account names; node n is planted in community n // 50."""
    random = np.random.default_rng(seed)
    possible = nodes * (SIZE - 1) / 2
    # more are drawn than wanted, for pairs inside a community are drawn again and again
    inside = round(-possible * np.log1p(-edges * inner / possible))
    one = random.integers(0, nodes, inside + round(edges * (1 - inner)))
    other = random.integers(0, nodes, one.size)
    home = one[:inside] // SIZE * SIZE
    other[:inside] = home + random.integers(0, np.minimum(SIZE, nodes - home))
    drawn = pl.DataFrame({"source": one, "target": other}).filter(pl.col("source") != pl.col("target"))
    return drawn.select(pl.format("x:{}", pl.col(end).cast(pl.String).str.zfill(9)).alias(end) for end in drawn.columns)


def graph(edges: pl.DataFrame) -> Ties:
    """Give numbers to the accounts of an edge table, and put each pair once and in order."""
    names = pl.concat([edges["source"], edges["target"]]).unique().sort()
    accounts = pl.DataFrame(
        {"account_id": names, "actor_id": pl.Series([None], dtype=pl.String).new_from_index(0, len(names))}
    )
    accounts = accounts.with_row_index("node").with_columns(pl.col("node").cast(pl.Int64))
    number = accounts.select("account_id", "node")
    ends = [
        edges.select(account_id=end).join(number, on="account_id", how="left", maintain_order="left")["node"]
        for end in ("source", "target")
    ]
    one, other = (end.to_numpy() for end in ends)
    packed = np.unique(np.minimum(one, other) << 32 | np.maximum(one, other))
    source, target = (packed >> 32).astype(np.int32), (packed & (2**32 - 1)).astype(np.int32)
    return Ties(accounts, source, target, np.ones(packed.size), pl.DataFrame())


def nmi(one: np.ndarray, other: np.ndarray) -> float:
    """Give normalised mutual information (arithmetic mean), in [0, 1]."""

    def entropy(labels):
        share = np.unique(labels, return_counts=True)[1] / labels.size
        return -float(np.sum(share * np.log(share)))

    apart, together = entropy(one) + entropy(other), entropy(one.astype(np.int64) << 32 | other)
    return 2 * (apart - together) / apart if apart else 1.0


def measure_plant(nodes: int, edges: int, seed: int) -> dict:
    """Search a planted partition by stage."""
    stages = Stages()
    drawn = stages.run("make the edge table", plant, nodes, edges, seed)
    ties = stages.run("number and order", graph, drawn)
    stable = stages.run("choose the resolution", stability, ties)
    resolution = chosen(stable)
    found = stages.run("Leiden", parts, ties, resolution=resolution, seed=seed)
    communities = stages.run("make the table", table, ties, found, resolution)
    truth = ties.nodes["account_id"].str.slice(2).cast(pl.Int64).to_numpy() // SIZE
    return {
        "nodes": ties.nodes.height,
        "edges": ties.weight.size,
        "planted": int(np.unique(truth).size),
        "stability": stable.to_dicts(),
        "resolution": resolution,
        "communities": communities.height,
        "nmi": round(nmi(truth, found), 4),
        "stages": stages.taken,
    }


def measure_tables(accounts: int, seed: int) -> dict:
    """Detect in tables of ``accounts`` by stage."""
    stages = Stages()
    made = stages.run("make the tables", world, accounts, seed)
    ties = stages.run("tie", tie, **made)
    communities = stages.run("search", search, ties)
    return {
        "accounts": accounts,
        "reports": made["reports"].height,
        "ties": ties.weight.size,
        "layers": ties.layers.to_dicts(),
        "communities": communities.height,
        "largest": communities["size"].max(),
        "stages": stages.taken,
    }


def world(accounts: int, seed: int) -> dict[str, pl.DataFrame]:
    """Make the tables; the first fifth of the accounts are rings of twelve, two of ten accounts have one actor."""
    random = np.random.default_rng(seed)
    names = _named("x:", np.arange(accounts))
    heads = names.gather(np.arange(0, accounts - 1, 10))
    seconds = names.gather(np.arange(1, accounts, 10))
    acts = _acts(random, names)
    aims, links = _lists(acts["target"]), _links(random, accounts)
    return {
        "accounts": _filled("accounts", account_id=names, platform="x", instance="x", native_id=names),
        "actors": _filled("actors", actor_id=heads, account_ids=_lists(heads, seconds)),
        "reports": _filled("reports", report_id=acts["id"], account_id=acts["account_id"], target_ids=aims),
        "contents": _filled(
            "contents", content_id=acts["id"], account_id=acts["account_id"], target_ids=aims, text=acts["text"],
            created_at=acts["at"],
        ),
        "sightings": _filled("sightings", account_id=names, kind="link", value=links, context="profile"),
    }  # fmt: skip


def _acts(random: np.random.Generator, names: pl.Series) -> pl.DataFrame:
    """Draw three acts an account in 90 days: of rings at their targets, hours and words; others as they come."""
    count = 3 * len(names)
    by = np.tile(np.arange(len(names)), 3)
    ring = by // RING
    ringed = (by < len(names) // 5 // RING * RING) & (random.random(count) < 0.6)
    busy = np.minimum((random.pareto(0.7, count) * 3).astype(np.int64), len(names) // 20)
    minute = random.integers(0, 90 * 24 * 60, count)
    hour = ring * 7919 + random.integers(0, 3, count) * 5000
    minute = np.where(ringed, hour % (90 * 24 * 60) + random.integers(0, 120, count), minute)
    letters = pl.Series(["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(1000, 4000)])
    words = [letters.gather(random.integers(0, 3000, count)) for _ in range(7)]
    own = pl.DataFrame(words).select(pl.concat_str(pl.all(), separator=" ")).to_series()
    worn = pl.format("they all should be ashamed of {}", letters.gather(random.integers(0, 20, count)))
    copied = pl.format("the council lies about {} {}", letters.gather(ring % 3000), letters.gather(ring // 3000))
    draw = pl.Series(random.random(count))
    text = pl.when(pl.Series(ringed) & (draw < 0.3)).then(copied).when(draw > 0.95).then(worn).otherwise(own)
    return pl.select(
        id=_named("c:", np.arange(count)),
        account_id=names.gather(by),
        target=_named("t:", np.where(ringed, 10**9 + 3 * ring + random.integers(0, 3, count), busy)),
        at=pl.Series(START + minute * MINUTE).cast(tables.TIME),
        text=text,
    )


def _links(random: np.random.Generator, accounts: int) -> pl.Series:
    """Draw an address for each account: the ring's, its own, one of ten shorteners, or one that sixty share."""
    number, draw = np.arange(accounts), random.random(accounts)
    ringed = (number < accounts // 5 // RING * RING) & (draw < 0.7)
    cases = [
        10**9 + number // RING * 4 + random.integers(0, 4, accounts),
        2 * 10**9 + number,
        3 * 10**9 + random.integers(0, 10, accounts),
    ]
    shared = random.integers(0, max(1, accounts // 200), accounts)
    return _named("moor.example/", np.select([ringed, draw < 0.5, draw < 0.7], cases, shared))


def _named(prefix: str, numbers: np.ndarray) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.Series(numbers).cast(pl.String)).to_series()


def _lists(*columns: pl.Series) -> pl.Series:
    return pl.select(pl.concat_list(columns)).to_series()


def _filled(name: str, **columns: pl.Series | str) -> pl.DataFrame:
    """Make a table of its full width; columns that ``detect`` does not read are empty."""
    kinds = tables.dtypes(name)
    made = pl.select(
        **{column: pl.lit(value) if isinstance(value, str) else value for column, value in columns.items()}
    )
    return made.select(
        pl.col(column).cast(kind) if column in made.columns else pl.lit(None, kind).alias(column)
        for column, kind in kinds.items()
    )


def main() -> None:
    """Measure what is asked for; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, help="size of the planted partition")
    parser.add_argument("--edges", type=int, help="its edges, about; 5 a node unless said")
    parser.add_argument("--accounts", type=int, help="size of the tables")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (options.nodes or options.accounts):
        parser.error("say --nodes or --accounts")
    report = {}
    if options.nodes:
        report["planted"] = measure_plant(options.nodes, options.edges or 5 * options.nodes, options.seed)
    if options.accounts:
        report["tables"] = measure_tables(options.accounts, options.seed)
    for part in report.values():
        print({name: value for name, value in part.items() if name != "stages"})
        for name, taken in part["stages"].items():
            print(f"{name:24} {taken['cpu_s']:8.2f} s CPU {taken['wall_s']:8.2f} s wall {taken['peak_gib']:6.2f} GiB")
    if options.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
