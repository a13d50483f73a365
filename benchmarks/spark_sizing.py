"""What linking costs on Spark, by stage: measured on this machine, and worked out for more accounts than it holds.

    python benchmarks/spark_sizing.py measure --accounts A.parquet --accounts B.parquet --json constants.json
    python benchmarks/spark_sizing.py page --json constants.json

``measure`` links each file on ``local[2]`` and takes, stage by stage, CPU time of the tasks in Java, shuffled and
written bytes (of Spark's event log) and CPU time of Python (of the tree of processes). The slope between the smallest
and the largest file is what an account, or a pair, costs: what does not grow falls out. ``page`` multiplies, and writes
its tables into ``graphmatch/spark/SIZING.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "graphmatch" / "spark" / "SIZING.md"
#: What each stage grows with.
PER_ACCOUNT = ("accounts", "shown", "named", "counts", "traits", "met")
PER_PAIR = ("pairs", "compared", "fit", "spoken_for", "matches")
WHAT = {
    "accounts": "read, sort and number",
    "shown": "normalise; census of what is small",
    "named": "who names whom",
    "counts": "holders of values and words",
    "traits": "weigh, with the counts of what each has",
    "met": "keys, shuffled; what meets is paired",
    "pairs": "each pair once",
    "compared": "both accounts joined to each pair; levels",
    "fit": "random pairs, pattern counts, EM",
    "spoken_for": "evidence",
    "matches": "rivals, matches",
}
#: Accounts, and pairs per account, that the page is worked out for.
SIZES = (100_000_000, 1_000_000_000)
PAIRS_PER_ACCOUNT = (10.0, 30.0)
Stages = dict[str, dict[str, float]]


@dataclass
class Clock:
    """CPU seconds of Python by stage: of this process and all below it but Java's, of which the event log tells."""

    stage: str = "start"

    def __post_init__(self) -> None:
        """Begin."""
        self.cpu: dict[str, float] = defaultdict(float)
        self.last = python_cpu()

    def __call__(self, stage: str) -> None:
        """End a stage and begin another."""
        now = python_cpu()
        self.cpu[self.stage] += now - self.last
        self.last, self.stage = now, stage


def python_cpu() -> float:
    """Add up user and system time of this process and those below it but Java's, those included that have ended."""
    children, times = defaultdict(list), {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                name, _, rest = (folder / "stat").read_text().rpartition(")")
            except OSError:
                continue
            fields = rest.split()
            children[int(fields[1])].append(int(folder.name))
            times[int(folder.name)] = 0 if name.endswith("(java") else sum(map(int, fields[11:15]))
    found, waiting = 0, [os.getpid()]
    while waiting:
        process = waiting.pop()
        found += times.get(process, 0)
        waiting += children[process]
    return found / os.sysconf("SC_CLK_TCK")


def event_bytes(folder: Path) -> Stages:
    """Read CPU seconds of tasks, shuffled and written bytes and rows by job description from Spark's event log."""
    made: Stages = defaultdict(lambda: defaultdict(float))
    names: dict[int, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "appstatus" not in path.name):
        for line in path.read_text("utf-8").splitlines():
            event: dict[str, Any] = json.loads(line)
            if event["Event"] == "SparkListenerJobStart":
                name = event.get("Properties", {}).get("spark.job.description", "start")
                names |= dict.fromkeys(event["Stage IDs"], name)
            elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
                metrics, stage = event["Task Metrics"], made[names.get(event["Stage ID"], "start")]
                stage["shuffle_bytes"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                stage["shuffle_rows"] += metrics["Shuffle Write Metrics"]["Shuffle Records Written"]
                stage["java_s"] += (metrics["Executor CPU Time"] + metrics["Executor Deserialize CPU Time"]) / 1e9
                stage["written_bytes"] += metrics["Output Metrics"]["Bytes Written"]
    return made


def measure(accounts: Path, conf: dict[str, str]) -> dict[str, Any]:
    """Link one file, and give ``accounts, pairs, matches`` and the stages."""
    from graphmatch.spark.link import Wanted, link
    from graphmatch.spark.session import session

    with tempfile.TemporaryDirectory(prefix="spark-sizing-") as name:
        folder = Path(name)
        (folder / "events").mkdir()
        log = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": (folder / "events").as_uri()}
        spark = session("local[2]", {"spark.eventLog.compress": "false", **log, **conf})
        begun, clock = time.monotonic(), Clock()
        try:
            made = link(spark, Wanted(accounts.absolute().as_uri(), (folder / "matches").as_uri()), clock)
            clock("end")
        finally:
            spark.stop()
        stages = event_bytes(folder / "events")
    for stage, seconds in clock.cpu.items():
        stages[stage]["python_s"] = seconds
    for of in stages.values():
        of["cpu_s"] = of["java_s"] + of["python_s"]
    counts = {"accounts": made.accounts, "pairs": made.candidates, "matches": made.matches}
    return {**counts, "wall_s": time.monotonic() - begun, "stages": {name: dict(of) for name, of in stages.items()}}


def slopes(runs: list[dict[str, Any]]) -> Stages:
    """Give what an account (or a pair) adds, from the smallest and the largest run."""
    low, high = min(runs, key=lambda run: run["accounts"]), max(runs, key=lambda run: run["accounts"])
    made: Stages = {}
    for stage in (*PER_ACCOUNT, *PER_PAIR):
        by = "accounts" if stage in PER_ACCOUNT else "pairs"
        more = high[by] - low[by]
        one, two = (run["stages"].get(stage, {}) for run in (low, high))
        made[stage] = {
            what: max(two.get(what, 0.0) - one.get(what, 0.0), 0.0) / more
            for what in ("cpu_s", "shuffle_bytes", "shuffle_rows", "written_bytes")
        }
    return made


def table(constants: Stages, accounts: int, pairs_per_account: float) -> list[str]:
    """Lay out the stages for a number of accounts."""
    lines = ["| stage | core hours | shuffled | written |", "|---|---:|---:|---:|"]
    totals = [0.0, 0.0, 0.0]
    for stage, of in constants.items():
        rows = accounts * (1.0 if stage in PER_ACCOUNT else pairs_per_account)
        cells = [rows * of["cpu_s"] / 3600, rows * of["shuffle_bytes"] / 1e12, rows * of["written_bytes"] / 1e12]
        totals = [total + cell for total, cell in zip(totals, cells, strict=True)]
        lines.append(f"| {stage}: {WHAT[stage]} | {cells[0]:,.0f} | {cells[1]:.2f} TB | {cells[2]:.2f} TB |")
    lines.append(f"| **all** | **{totals[0]:,.0f}** | **{totals[1]:.1f} TB** | **{totals[2]:.1f} TB** |")
    return lines


def page(measured: dict[str, Any], text: str) -> str:
    """Put the figures between their marks in the text of the page."""
    runs = measured["runs"]
    constants = slopes(runs)
    ran = ["| accounts | pairs | matches | CPU s | wall s |", "|---:|---:|---:|---:|---:|"]
    for run in runs:
        cpu = sum(of.get("cpu_s", 0.0) for of in run["stages"].values())
        counts = " | ".join(f"{run[what]:,}" for what in ("accounts", "pairs", "matches"))
        ran.append(f"| {counts} | {cpu:,.0f} | {run['wall_s']:,.0f} |")
    each = [
        "| stage | per | CPU µs | bytes shuffled | rows shuffled | bytes written |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for stage, of in constants.items():
        per = "account" if stage in PER_ACCOUNT else "pair"
        numbers = f"{of['cpu_s'] * 1e6:,.0f} | {of['shuffle_bytes']:,.0f} | {of['shuffle_rows']:.1f}"
        each.append(f"| {stage} | {per} | {numbers} | {of['written_bytes']:,.0f} |")
    sizes = []
    for accounts in SIZES:
        for pairs in PAIRS_PER_ACCOUNT:
            sizes += [f"### {accounts:,} accounts, {accounts * pairs:,.0f} pairs ({pairs:.0f} an account)", ""]
            sizes += [*table(constants, accounts, pairs), ""]
    for name, lines in {"runs": ran, "constants": each, "sizes": sizes}.items():
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        text = before + mark + "\n".join(lines).rstrip() + "\n" + rest[rest.index("<!-- end -->") :]
    return text


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["measure", "page"])
    parser.add_argument("--accounts", type=Path, action="append", default=[], help="Parquet; two or more sizes")
    parser.add_argument("--json", type=Path, required=True, help="where the figures are kept")
    parser.add_argument("--conf", action="append", default=[], help="name=value, a setting of Spark")
    args = parser.parse_args()
    if args.what == "page":
        text = PAGE.read_text("utf-8")
        PAGE.write_text(page(json.loads(args.json.read_text("utf-8")), text), encoding="utf-8")
        return
    conf = {"spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4"}
    # Small tables would be sent whole to every worker, which is not what happens to large ones.
    conf["spark.sql.autoBroadcastJoinThreshold"] = "-1"
    conf |= dict(one.split("=", 1) for one in args.conf)
    runs = json.loads(args.json.read_text("utf-8"))["runs"] if args.json.exists() else []
    for path in args.accounts:
        runs.append(measure(path, conf))
        args.json.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
