"""A standalone Spark master with two workers on loopback, and ``graphmatch link --engine spark`` on them.

    python benchmarks/spark_cluster.py --accounts A.parquet --output FOLDER [--jars GRAPHFRAMES.jar]

Says how long it took, and whether the matches are those of one machine. Everything it started ends with it.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import polars as pl
import pyspark

from graphmatch.link import default, link
from graphmatch.spark.link import Linked, Wanted
from graphmatch.spark.link import link as link_on_spark
from graphmatch.spark.session import session

HOST = "127.0.0.1"
MASTER, WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
PATIENCE = 120.0
#: Each worker has one core; the driver and both executors listen on loopback alone.
CONF = {
    "spark.driver.memory": "1g",
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
}


@contextmanager
def running(folder: Path, name: str, command: Sequence[str], port: int) -> Iterator[None]:
    """Run a class of Spark until the block ends; it must answer on its port."""
    home = Path(pyspark.__file__).parent
    places = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": HOST, "SPARK_NO_DAEMONIZE": "1", "SPARK_DAEMON_MEMORY": "256m"}
    places["PYSPARK_PYTHON"] = sys.executable
    log = (folder / f"{name}.log").open("wb")
    process = subprocess.Popen(
        [str(home / "bin" / "spark-class"), *command], env={**os.environ, **places}, stdout=log, stderr=log
    )
    try:
        _await(process, port, name)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
        log.close()


def _await(process: subprocess.Popen[bytes], port: int, name: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the {name} did not start")


def ports(count: int) -> list[int]:
    """Find free ports."""
    with ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in taken]


def on_cluster(accounts: Path, output: Path, jars: str | None) -> Linked:
    """Start a master and two workers, and link on them."""
    master, *workers = ports(3)
    with tempfile.TemporaryDirectory(prefix="spark-cluster-") as name, ExitStack() as started:
        folder = Path(name)
        address = f"spark://{HOST}:{master}"
        asked = [MASTER, "--host", HOST, "--port", str(master), "--webui-port", "0"]
        started.enter_context(running(folder, "master", asked, master))
        for number, port in enumerate(workers):
            asked = [WORKER, "--host", HOST, "--port", str(port), "--webui-port", "0", "--cores", "1"]
            asked += ["--memory", "1g", "--work-dir", str(folder / f"work-{number}"), address]
            started.enter_context(running(folder, f"worker-{number}", asked, port))
        os.environ["PYSPARK_PYTHON"] = sys.executable
        spark = session(address, CONF, jars)
        try:
            grouped = (output / "components").as_uri() if jars else None
            wanted = Wanted(accounts.absolute().as_uri(), (output / "matches").as_uri(), components=grouped)
            made = link_on_spark(spark, wanted, lambda stage: print(f"stage: {stage}", file=sys.stderr))
            held = spark._jsc.sc().getExecutorMemoryStatus().size() - 1
            print(f"executors: {held}")
        finally:
            spark.stop()
    return made


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True, help="a new folder")
    parser.add_argument("--jars", help="of GraphFrames; without them no components")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started ends too
    begun = time.monotonic()
    made = on_cluster(args.accounts, args.output.absolute(), args.jars)
    print(f"{made.accounts:,} accounts, {made.candidates:,} pairs, {made.matches:,} matches")
    print(f"wall {time.monotonic() - begun:.0f} s")
    here = link(pl.read_parquet(args.accounts), start=default().unlabelled(), nearest=False).matches
    there = pl.read_parquet(args.output / "matches" / "*.parquet").sort("left", "right")
    same = here.select(pl.exclude(pl.Float64)).equals(there.select(pl.exclude(pl.Float64)))
    off = max(
        ((here[name] - there[name]).abs().max() or 0.0) for name in here.columns if here[name].dtype == pl.Float64
    )
    print(f"as on one machine: {same}, numbers to {off:.1e}")


if __name__ == "__main__":
    main()
