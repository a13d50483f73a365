"""Measure the line by stage on simulated worlds: accounts/s for ingest, write and link, and each size's peak memory.

Usage: python benchmarks/line.py --output results.json [--accounts 10000 100000]

Each size runs in a process of its own, so that its peak memory is its own. Seconds are CPU seconds of the process
(user + system): on a shared machine they are steadier than the clock, and the ratios between stages are what to read.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


class Stage:
    """Times one stage in CPU and wall seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, dict[str, float]] = {}

    def run(self, name, function, *args, **kwargs):
        """Call ``function`` and keep what it took under ``name``."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = function(*args, **kwargs)
        self.seconds[name] = {
            "cpu_s": round(time.process_time() - cpu, 3),
            "wall_s": round(time.perf_counter() - wall, 3),
        }
        return result


def measure(accounts: int, seed: int) -> dict:
    """Simulate a world of ``accounts``, run the line on it, and say what each stage took."""
    from graphmatch.pipeline import Line
    from graphmatch.settings import load
    from graphmatch.simulate import write_world
    from graphmatch.store import open_store
    from graphmatch.tables import OBSERVED
    from graphmatch.workspace import create

    stage = Stage()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        stage.run("simulate", write_world, root / "exports", accounts=accounts, seed=seed)
        workspace = create(root / "workspace")
        with open_store(workspace.store_url) as store:
            line = Line(workspace, load(workspace.config), store)
            stage.run("ingest", line.ingest, [str(root / "exports")])
            counts = store.counts()
            observed = {table: store.read(table) for table in OBSERVED}
            stage.run("link", line.link)
            stage.run("resolve", line.resolve)
            stage.run("communities", line.communities)
            stage.run("migrations", line.migrations)
            counts |= {name: store.counts()[name] for name in ("matches", "actors", "communities", "migrations")}
        with open_store(f"embedded://{root / 'copy.lbug'}") as copy:
            stage.run("write", lambda: [copy.write(table, rows) for table, rows in observed.items()])
    known = counts["accounts"]
    per_second = {name: round(known / stage.seconds[name]["cpu_s"]) for name in ("ingest", "write", "link")}
    return {
        "accounts_simulated": accounts,
        "rows": counts,
        "stages": stage.seconds,
        "accounts_per_cpu_second": per_second,
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 3),
    }


def main() -> None:
    """Run each size in its own process and write one JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.seed)))
        return
    runs = []
    for accounts in options.accounts:
        command = [sys.executable, __file__, "--one", str(accounts), "--seed", str(options.seed)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    report = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {len(__import__('os').sched_getaffinity(0))} cores",
        "versions": {name: version(name) for name in ("graphmatch", "polars", "ladybug", "rapidfuzz")},
        "runs": runs,
    }
    text = json.dumps(report, indent=1)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
