"""Measure the line by stage on simulated worlds: CPU, wall and peak memory of each, and the accounts/s of some.

Usage: python benchmarks/line.py [--output results.json] [--accounts 10000 100000] [--folder DIR]

Each size runs in a process of its own, and so does its simulation, whose memory is no part of the line's. Seconds are
CPU seconds of the process (user + system): on a shared machine they are steadier than the clock, and the ratios between
stages are what to read. A stage's peak is the most memory that the process held during it, what stages before left
included. A world of a million accounts takes 9 GiB of disk in ``--folder`` (default: the system's temporary folder).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stages import Stages


def measure(accounts: int, seed: int, root: Path) -> dict[str, Any]:
    """Simulate a world of ``accounts``, run the line on it, and say what each stage took."""
    from graphmatch.pipeline import Line
    from graphmatch.settings import load
    from graphmatch.store import open_store
    from graphmatch.tables import OBSERVED
    from graphmatch.workspace import create

    stages, exports = Stages(), root / "exports"
    stages.simulate([sys.executable, __file__, "--world", str(exports), "--one", str(accounts), "--seed", str(seed)])
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        read = stages.run("ingest", line.ingest, [str(exports)])
        if read.incomplete:
            raise SystemExit("some of the world could not be read")
        stages.run("read tables", lambda: [store.read(table).height for table in OBSERVED])
        for name in ("reporters", "link", "resolve", "communities", "migrations"):
            stages.run(name, getattr(line, name))
        counts = store.counts()
        with open_store(f"embedded://{root / 'copy.lbug'}") as copy:
            stages.run("write", lambda: [copy.write(table, store.read(table)) and None for table in OBSERVED])
    taken = stages.taken
    return {
        "accounts_simulated": accounts,
        "records": read.records,
        "records_per_cpu_second": round(read.records / taken["ingest"]["cpu_s"]),
        "rows": counts,
        "stages": taken,
        "accounts_per_cpu_second": {
            name: round(counts["accounts"] / taken[name]["cpu_s"]) for name in ("ingest", "write", "link")
        },
        "peak_gib": max(stage["peak_gib"] for name, stage in taken.items() if name != "simulate"),
    }


def main() -> None:
    """Run each size in its own process and write one JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--folder", type=Path, help="where worlds and stores lie while they are needed")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--world", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.world:
        from graphmatch.simulate import write_world

        write_world(options.world, accounts=options.one, seed=options.seed)
        return
    if options.one:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            print(json.dumps(measure(options.one, options.seed, Path(folder))))
        return
    runs = []
    for accounts in options.accounts:
        command = [sys.executable, __file__, "--one", str(accounts), "--seed", str(options.seed)]
        command += ["--folder", str(options.folder)] if options.folder else []
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    report = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "versions": {name: version(name) for name in ("graphmatch", "polars", "ladybug", "rapidfuzz")},
        "runs": runs,
    }
    text = json.dumps(report, indent=1)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
