"""Run the benchmarks and write their tables into ``benchmarks/RESULTS.md``.

Usage: python benchmarks/results.py [--only scale floor …] [--most 100000] [--data FOLDER] [--output FILE.md]

Every run's figures are kept as JSON in the data folder, with the date, the machine and the versions that they are of.
The tables are made of all that is kept, so that one part may be run again by itself; ``--only`` alone runs nothing and
writes the tables anew. With ``--most`` runs of more accounts are left out. A run that fails is told, and the others go
on; the exit status is 1 then. Figures of a busy machine differ: read ratios, and CPU rather than wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import scale

HERE = Path(__file__).parent
PACKAGES = ("graphmatch", "polars", "numpy", "rapidfuzz", "numba", "splink", "duckdb", "graspologic-native", "ladybug")
MEASURES = {"wall_s": "wall s", "cpu_s": "CPU s", "peak_gib": "peak GiB", "f1": "F1"}
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a script: its part, how many accounts (or nodes) it is of, and its arguments."""

    part: str
    size: int
    script: str
    arguments: tuple[object, ...]

    @property
    def name(self) -> str:
        """Name what is kept of it."""
        return f"{self.part}-{self.size}"


def runs(data: Path) -> list[Run]:
    """List the runs, part by part."""
    kept = ("--data", data, "--json")
    sizes = ((10_000, 3), (100_000, 3), (1_000_000, 1))
    return [
        *(Run("scale", n, "scale.py", ("--accounts", n, "--rounds", rounds, *kept)) for n, rounds in sizes),
        *(Run("floor", n, "floor.py", ("--accounts", n, *kept)) for n in (100_000, 1_000_000)),
        Run("hubs", 20_000, "hubs.py", ("--accounts", 20_000, *kept)),
        Run("incremental", 100_000, "incremental.py", ("--known", 100_000, "--new", 1000, "--json")),
        Run("incremental", 1_000_000, "incremental.py", ("--known", 1_000_000, "--new", 1000, "--json")),
        *(Run("line", n, "line.py", ("--accounts", n)) for n in (10_000, 100_000, 1_000_000)),
        Run("backtest", 2000, "backtest.py", ("--accounts", 2000, "--seeds", 1, 2, 3, "--json")),
        Run("communities", 1_000_000, "communities.py", ("--nodes", 1_000_000, "--edges", 5_000_000, "--json")),
        Run(
            "communities planted, beside networkx",
            20_000,
            "community_peers.py",
            ("--nodes", 20_000, "--edges", 100_000, "--json"),
        ),
        Run("communities of worlds", 3000, "community_truth.py", ("--accounts", 3000, "--seeds", 1, 2, 3, 4, "--json")),
        Run("communities of worlds", 10_000, "community_truth.py", ("--accounts", 10_000, "--seeds", 1, "--json")),
        Run("communities of tables", 1_000_000, "communities.py", ("--accounts", 1_000_000, "--json")),
        Run("migrations", 3_000, "migrations.py", ("--accounts", 3_000, "--json")),
    ]


def measured(run: Run) -> Told:
    """Run a script; its JSON is all that it prints, or the last line.

    Raises
    ------
    CalledProcessError
        It failed.
    """
    command = [sys.executable, str(HERE / run.script), *map(str, run.arguments)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    try:
        told = json.loads(printed)
    except ValueError:
        told = json.loads(printed.splitlines()[-1])
    return {"made_at": datetime.now(UTC).isoformat(timespec="minutes"), **machine(), "told": told}


def machine() -> Told:
    """Say what this machine is and which versions are installed."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    made = f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GiB"
    return {"machine": made, "versions": {"Python": platform.python_version(), **_versions()}}


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def page(kept: dict[str, Told], wanted: list[Run]) -> str:
    """Write the page of what is kept, part by part."""
    parts = ["# Results", "", "Written by `make bench` (`benchmarks/results.py`); nothing here is typed by hand.", ""]
    for part in dict.fromkeys(run.part for run in wanted):
        found = {run.size: kept[run.name] for run in wanted if run.part == part and run.name in kept}
        if found:
            lay_out = LAYOUTS.get(part, by_stage)
            parts += [f"## {part.capitalize()}", "", lay_out({size: one["told"] for size, one in found.items()}), ""]
            parts += [*_sources(found), ""]
    return "\n".join(parts)


def _sources(found: dict[int, Told]) -> list[str]:
    lines: dict[str, list[str]] = {}
    for size, one in found.items():
        versions = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
        lines.setdefault(f"{one['machine']}; {versions}", []).append(f"{size:,} on {one['made_at'][:10]}")
    return [f"*{', '.join(sizes)}: {where}.*" for where, sizes in lines.items()]


def of_scale(found: dict[int, Told]) -> str:
    """Lay out both linkers at each size, and how many times graphmatch's figures Splink's are."""
    rows = []
    for size, told in found.items():
        linkers = {name: told[name] for name in scale.LINKERS if name in told}
        for name, one in linkers.items():
            micros = 1e6 * one["cpu_s"] / one["pairs"] if one["pairs"] else None
            shown = [one.get(measure) for measure in MEASURES]
            rows.append([size, one["pairs"], name, *shown, one["precision"], one["recall"], one["pairs_per_s"], micros])
        if len(linkers) == len(scale.LINKERS):
            ours, theirs = (linkers[name] for name in scale.LINKERS)
            times = [_times(theirs[name], ours[name]) for name in ("wall_s", "cpu_s", "peak_gib")]
            rows.append([size, "", "Splink ÷ graphmatch", *times, "", "", "", "", ""])
    heads = ["accounts", "pairs", "", *MEASURES.values(), "precision", "recall", "pairs/s", "CPU µs/pair"]
    return table(heads, rows)


def of_floor(found: dict[int, Told]) -> str:
    """Lay out microseconds of CPU per pair."""
    names = {
        "pairs": "pairs",
        "rapidfuzz_us": "rapidfuzz, µs/pair",
        "rapidfuzz_with_lists_us": "… with lists",
        "scoring_us": "comparing and scoring",
        "scoring_over_floor": "over the floor",
        "graphmatch_us": "graphmatch in all",
        "graphmatch_over_floor": "over the floor",
    }
    return table(
        ["accounts", *names.values()], [[size, *(told[name] for name in names)] for size, told in found.items()]
    )


def of_hubs(found: dict[int, Told]) -> str:
    """Lay out each scenario, then what its rules dropped."""
    shown, rules = [], []
    for told in found.values():
        for name, row in told["scenarios"].items():
            growth = row["growth"]
            cells = [*row["pairs"], growth["pairs"], *row["cpu_s"], growth["cpu_s"], *row["peak_gib"]]
            shown.append([name, *cells, ", ".join(row["quadratic"]) or "none"])
            for rule, one in row["rules"].items():
                rules.append(
                    [name, rule, *one["pairs"], one["pairs_without_hub"][-1], one["keys_dropped"], one["largest_key"]]
                )
        few, many = told["accounts"]
    heads = ["scenario", f"pairs, {few:,}", f"{many:,}", "growth", "CPU s", "", "growth", "peak GiB", ""]
    first = table([*heads, "quadratic rules"], shown)
    heads = ["scenario", "rule", f"pairs, {few:,}", f"{many:,}", "without the hub", "keys dropped", "largest key"]
    return f"{first}\n\nRules that a hub changes:\n\n{table(heads, rules)}"


def by_stage(found: dict[int, Told]) -> str:
    """Lay out what a script tells of itself: single figures, and its tables of figures by name."""
    parts = []
    for told in (one for whole in found.values() for one in whole.get("runs", [whole])):
        single = {name: value for name, value in told.items() if isinstance(value, int | float | str)}
        if single:
            parts += [table(list(single), [list(single.values())]), ""]
        for name, rows in told.items():
            if isinstance(rows, dict) and rows:
                parts += [_named(name, rows), ""]
    return "\n".join(parts[:-1])


def _named(name: str, rows: dict[str, Any]) -> str:
    if not all(isinstance(row, dict) for row in rows.values()):
        return table([name, ""], [[one, value] for one, value in rows.items()])
    heads = list(dict.fromkeys(head for row in rows.values() for head in row))
    return table([name, *heads], [[one, *(row.get(head) for head in heads)] for one, row in rows.items()])


def of_backtest(found: dict[int, Told]) -> str:
    """Lay out each method, with the intervals of what is measured."""
    parts = []
    for told in found.values():
        single = ("accounts", "worlds", "dates", "linking", "base_rate", "cpu_s")
        parts.append(table(list(single), [[told[name] for name in single]]))
        rows = []
        for name, row in told["pooled"].items():
            measured = [_with_interval(row, one) for one in ("precision", "recall", "lead_days")]
            rows.append([name, row["named"], *measured, row["known"], row["found"], row["true"], row["lawful"]])
        heads = ["method", "named", "precision", "recall", "median days of lead", "sought and known", "found", "true"]
        parts.append(table([*heads, "lawful"], rows))
    return "\n\n".join(parts)


def _with_interval(row: dict[str, Any], name: str) -> str | None:
    if row[name] is None:
        return None
    return f"{row[name]:.3g} ({row[f'{name}_low']:.3g} to {row[f'{name}_high']:.3g})"


LAYOUTS: dict[str, Callable[[dict[int, Told]], str]] = {
    "scale": of_scale, "floor": of_floor, "hubs": of_hubs, "backtest": of_backtest,
}  # fmt: skip


def _times(theirs: float, ours: float) -> str:
    return f"**{theirs / ours:.1f}**" if ours else ""


def table(heads: list[str], rows: list[list[Any]]) -> str:
    """Write a Markdown table; figures to the right."""
    numbers = [all(not isinstance(row[at], str) or not row[at] for row in rows) for at in range(len(heads))]
    rule = ["---:" if number else "---" for number in numbers]
    return "\n".join(
        f"| {' | '.join(row)} |" for row in (heads, rule, *([_cell(cell) for cell in row] for row in rows))
    )


def _cell(cell: Any) -> str:
    if cell is None:
        return "–"  # noqa: RUF001 - nothing
    if isinstance(cell, float) and abs(cell) < 1000:
        return f"{cell:.3g}" if abs(cell) >= 1 else f"{cell:.3f}"
    return f"{cell:,.0f}" if isinstance(cell, int | float) else str(cell)


def main() -> int:
    """Run what is asked for and write the page."""
    wanted = runs(scale.DATA)
    names = list(dict.fromkeys(run.part for run in wanted))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    parser.add_argument("--most", type=int, help="leave out runs of more accounts")
    parser.add_argument("--data", type=Path, default=scale.DATA, help="where accounts and figures are kept")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    wanted = runs(options.data)
    folder = options.data / "results"
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    for run in wanted:
        if run.part not in options.only or (options.most and run.size > options.most):
            continue
        print(f"{run.name} …", file=sys.stderr, flush=True)
        try:
            (folder / f"{run.name}.json").write_text(json.dumps(measured(run), indent=1) + "\n", "utf-8")
        except subprocess.CalledProcessError as error:
            failed.append(run.name)
            print(f"{run.name} failed: status {error.returncode}", file=sys.stderr, flush=True)
    kept = {file.stem: json.loads(file.read_text("utf-8")) for file in folder.glob("*.json")}
    options.output.write_text(page(kept, wanted), "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
