"""Measure the Neo4j store: 100,000 accounts and 300,000 relationships into a private server, and back.

Usage: python benchmarks/neo4j_load.py [--accounts 100000] [--heap 2g] [--output results.json]

Needs Java 17 or 21 and Maven (see ``tests/private_neo4j.py``). In one run and on one server: the store as it is; the
same rows as plain batches of ``MERGE``, a map for each row, which know of no merging and no waiting; and the store when
nothing is new. ``client_cpu_s`` is this process, ``server_cpu_s`` the server's: what is nearer to the wall bounds it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from neo4j import GraphDatabase
from private_neo4j import PrivateNeo4j

from graphmatch import tables
from graphmatch.store import Login, open_store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
#: Rows of one write, as an ingest of large files makes them.
WRITE_ROWS = 20_000
PLAIN_ROWS = 10_000
KINDS = ("handle", "display_name", "link")


def accounts(count: int) -> pl.DataFrame:
    """Make accounts with what a profile usually holds."""
    n = pl.col("n")
    seen = pl.lit(NOON) + pl.duration(seconds=n)
    made = pl.DataFrame({"n": pl.int_range(count, eager=True)}).select(
        account_id=pl.format("mastodon:north.example:{}", n),
        platform=pl.lit("mastodon"),
        instance=pl.lit("north.example"),
        native_id=n.cast(pl.String),
        id_kind=pl.lit("numeric"),
        handle=pl.format("fenwick_{}", n),
        display_name=pl.format("Ada Fenwick {}", n),
        bio=pl.format("Number {} of Northmoor. Bread, trombones and the weather.", n),
        created_at=pl.lit(NOON) - pl.duration(minutes=n),
        created_at_precision=pl.lit("exact"),
        first_observed_at=seen,
        last_observed_at=seen,
        **{f"{name}_at": seen for name in ("handle", "display_name", "bio")},
    )
    return _whole("accounts", made)


def sightings(known: pl.DataFrame) -> pl.DataFrame:
    """Make three sightings an account; a link is shared by three accounts."""
    site = pl.format("site{}.example", pl.int_range(pl.len()) // 3)
    values = (pl.col("handle"), pl.col("display_name"), site)
    made = pl.concat(
        known.select("account_id", value=value, first_seen="handle_at", last_seen="handle_at").with_columns(
            kind=pl.lit(kind), source=pl.lit("mastodon"), context=pl.lit("profile")
        )
        for kind, value in zip(KINDS, values, strict=True)
    )
    return _whole("sightings", made)


def _whole(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    of = tables.dtypes(table)
    rows = rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in of.items() if name not in rows.columns)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in of.items())


class Stages:
    """Times stages in wall seconds, and in CPU seconds of this process and of the server's."""

    def __init__(self, server: PrivateNeo4j) -> None:
        self.server = server
        self.seconds: dict[str, dict[str, float]] = {}

    def run(self, name: str, rows: int, work: Callable[[], object]) -> None:
        """Do ``work`` and keep what it took under ``name``."""
        server, client, wall = self._server_cpu(), time.process_time(), time.perf_counter()
        work()
        took = time.perf_counter() - wall
        self.seconds[name] = {
            "rows": rows,
            "wall_s": round(took, 2),
            "client_cpu_s": round(time.process_time() - client, 2),
            "server_cpu_s": round(self._server_cpu() - server, 2),
            "rows_per_s": round(rows / took),
        }

    def _server_cpu(self) -> float:
        assert self.server.process
        fields = Path(f"/proc/{self.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def slices(rows: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """Cut a table into the batches in which it is sent."""
    return (rows.slice(start, size) for start in range(0, rows.height, size))


PLAIN_ACCOUNTS = "UNWIND $rows AS row MERGE (n:Account {account_id: row.account_id}) SET n += row"
PLAIN_SIGHTINGS = (
    "UNWIND $rows AS row MATCH (a:Account {account_id: row.account_id}) "
    "MERGE (s:Signal {signal_id: row.kind + ':' + row.value}) ON CREATE SET s.kind = row.kind, s.value = row.value "
    "MERGE (a)-[r:SHOWS {source: row.source}]->(s) SET r.context = row.context, r.first_seen = row.first_seen, "
    "r.last_seen = row.last_seen"
)


def measure(count: int, heap: str) -> dict[str, object]:
    """Run every stage on one server."""
    made, shown = accounts(count), sightings(accounts(count))
    with tempfile.TemporaryDirectory() as folder, PrivateNeo4j(Path(folder), heap=heap, quick=False) as server:
        stages = Stages(server)
        with open_store(server.uri, login=Login(server.username, server.password)) as store:

            def write(table: str, rows: pl.DataFrame) -> Callable[[], object]:
                return lambda: [store.write(table, part) for part in slices(rows, WRITE_ROWS)]

            for times in ("write", "write again"):
                stages.run(f"{times}: accounts", made.height, write("accounts", made))
                stages.run(f"{times}: relationships", shown.height, write("sightings", shown))
            stages.run("read: accounts", made.height, lambda: store.read("accounts"))
            stages.run("read: relationships", shown.height, lambda: store.read("sightings"))
        with (
            GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver,
            driver.session() as session,
        ):
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()

            def plain(statement: str, rows: pl.DataFrame) -> Callable[[], object]:
                return lambda: [
                    session.execute_write(lambda tx, part=part: tx.run(statement, rows=part.to_dicts()).consume())
                    for part in slices(rows, PLAIN_ROWS)
                ]

            stages.run("plain MERGE: accounts", made.height, plain(PLAIN_ACCOUNTS, made))
            stages.run("plain MERGE: relationships", shown.height, plain(PLAIN_SIGHTINGS, shown))
    return {"stages": stages.seconds, "ratios": ratios(stages.seconds)}


def ratios(seconds: dict[str, dict[str, float]]) -> dict[str, float]:
    """Compare what was measured in this run."""

    def total(stage: str, figure: str) -> float:
        return sum(of[figure] for name, of in seconds.items() if name.startswith(f"{stage}:"))

    return {
        "write wall_s": round(total("write", "wall_s"), 2),
        "write client CPU / wall": round(total("write", "client_cpu_s") / total("write", "wall_s"), 3),
        "write server CPU / wall": round(total("write", "server_cpu_s") / total("write", "wall_s"), 3),
        "plain MERGE wall / write wall": round(total("plain MERGE", "wall_s") / total("write", "wall_s"), 2),
        "plain MERGE client CPU / write client CPU": round(
            total("plain MERGE", "client_cpu_s") / total("write", "client_cpu_s"), 2
        ),
        "write again wall / write wall": round(total("write again", "wall_s") / total("write", "wall_s"), 2),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def main() -> None:
    """Measure and write one JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--heap", default="2g")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    report = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}",
        "versions": {name: _version(name) for name in ("graphmatch", "polars", "neo4j", "neo4j-rust-ext")},
        **measure(options.accounts, options.heap),
    }
    text = json.dumps(report, indent=1)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
