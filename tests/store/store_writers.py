"""Programs that write into a store from a process of their own, for tests that kill them or run two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
from neo4j_server import Server
from store_rows import NOON

from graphmatch import tables
from graphmatch.store import Login, Store, open_store


def start(program: str, at: Path | Server, *args: str) -> subprocess.Popen[str]:
    """Start one of the programs below on a file or a server."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    url = str(at)
    if isinstance(at, Server):
        url = at.uri
        env |= {"NEO4J_USERNAME": at.username, "NEO4J_PASSWORD": at.password or "", "NEO4J_DATABASE": at.database or ""}
    return subprocess.Popen(
        [sys.executable, __file__, program, url, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )


def line(process: subprocess.Popen[str]) -> str:
    """Wait for the next line that the program says."""
    assert process.stdout
    return process.stdout.readline().strip()


def killed_after(writer: subprocess.Popen[str], acknowledged: int) -> list[str]:
    """Kill ``BATCHES`` once it has said so many batches; give all that it said."""
    said = [line(writer) for _ in range(acknowledged)]
    writer.send_signal(signal.SIGKILL)
    assert writer.stdout
    return said + [word.strip() for word in writer.stdout if word.endswith("\n")]


def assert_whole_batches(store: Store, said: list[str]) -> None:
    """Hold that every batch that was said is there, at most one more, and none by half."""
    for table in ("accounts", "sightings"):
        whole = sum(word.startswith(table) for word in said)
        assert store.counts()[table] in (whole * 50, (whole + 1) * 50)
    shown = store.query("MATCH (a:Account)-[:SHOWS]->(s:Signal) WHERE s.value = a.account_id RETURN count(*) AS n")
    assert shown.item() == store.counts()["sightings"]


def say(text: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def batch(n: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make fifty accounts, and what they show."""
    ids = [f"m:x:{n}-{i}" for i in range(50)]
    return _accounts(ids), _sightings(ids, 0, 0)


def _whole(table: str, **columns: object) -> pl.DataFrame:
    made = pl.DataFrame({name: value for name, value in columns.items() if isinstance(value, list)})
    made = made.with_columns(
        pl.lit(value).alias(name) for name, value in columns.items() if not isinstance(value, list)
    )
    of = tables.dtypes(table)
    blank = [
        pl.lit([] if dtype == tables.TEXTS else None, dtype).alias(name)
        for name, dtype in of.items()
        if name not in columns
    ]
    return made.with_columns(blank).select(pl.col(name).cast(dtype) for name, dtype in of.items())


def _accounts(ids: list[str]) -> pl.DataFrame:
    return _whole("accounts", account_id=ids, platform="m", instance="x", native_id=ids, id_kind="opaque")


def _sightings(ids: list[str], first: int, last: int) -> pl.DataFrame:
    seen = {"first_seen": NOON + timedelta(first), "last_seen": NOON + timedelta(last)}
    return _whole("sightings", account_id=ids, kind="handle", value=ids, source="m", context="profile", **seen)


def _reports(ids: list[str]) -> pl.DataFrame:
    said = {"source": "m", "source_kind": "report", "platform": "m", "category_reported": "harassment", "count": 1}
    return _whole(
        "reports", report_id=[f"r:{each}" for each in ids], account_id=ids, specificity="exact", gate="terms", **said
    )


def hold(store: Store) -> None:
    """Hold the store until told to go on."""
    say("held")
    sys.stdin.readline()


def batches(store: Store, count: str = "10000") -> None:
    """Write numbered batches, and say each once its write has returned."""
    for n in range(int(count)):
        accounts, shown = batch(n)
        store.write("accounts", accounts)
        say(f"accounts:{n}")
        store.write("sightings", shown)
        say(f"sightings:{n}")


def overlap(store: Store, which: str) -> None:
    """Write what another program writes at the same time, in another order."""
    ids = [f"m:x:{n}" for n in range(60)]
    say("ready")
    sys.stdin.readline()
    parts = [ids[start : start + 10] for start in range(0, len(ids), 10)]
    for part in parts if which == "0" else parts[::-1]:
        writes = {"accounts": _accounts(part), "reports": _reports(part)}
        for table in writes if which == "0" else reversed(writes):
            store.write(table, writes[table])
        store.write("sightings", _sightings(part, -1 if which == "0" else 0, 0 if which == "0" else 1))


def ask(store: Store) -> None:
    """Ask what takes for ever to answer."""
    say("asks")
    store.query("UNWIND range(1, 4000000000) AS a UNWIND range(1, a) AS b WITH b WHERE b < 0 RETURN count(b) AS n")


PROGRAMS = {"HOLD": hold, "BATCHES": batches, "OVERLAP": overlap, "ASK": ask}

if __name__ == "__main__":
    name, url, *rest = sys.argv[1:]
    login = Login(
        os.environ.get("NEO4J_USERNAME", ""), os.environ.get("NEO4J_PASSWORD"), os.environ.get("NEO4J_DATABASE") or None
    )
    with open_store(url, login=login) as opened:
        PROGRAMS[name](opened, *rest)
