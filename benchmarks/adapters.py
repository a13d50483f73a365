"""Measure each adapter: records and reports per CPU second, from file to checked tables, and a long file's peak memory.

Usage: python benchmarks/adapters.py [NAME …] [--mb 8] [--long-mb 1024 --long NAME …] [--output results.json]

The file is the adapter's own sample, over and over. Archive, reading, normalising, checking and merging run; only the
store is left away, so that adapters can be compared. Each measurement runs in a process of its own, so that its peak
memory is its own. Seconds are CPU seconds (user + system) of that process: on a shared machine they are steadier than
the clock. ``base_mib`` is the peak of the same process on a file of one sample.
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
from pathlib import Path

MIB = 2**20


def long_file(sample: Path, into: Path, size: int) -> Path:
    """Write ``sample`` over and over, ``size`` bytes or a little more."""
    path = into / sample.name
    content = sample.read_bytes()
    head, body, tail = _parts(sample, content)
    with path.open("wb") as file:
        file.write(head + body)
        more = body * max(1, MIB // max(1, len(body)))
        while file.tell() + len(tail) < size:
            file.write(more)
        file.write(tail)
    return path


def _parts(sample: Path, content: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a sample into what stands once before, what can be repeated, and what stands once after."""
    content = content.rstrip() + b"\n"
    if sample.suffix in (".csv", ".tsv"):
        head, _, rows = content.partition(b"\n")
        return head + b"\n", rows, b""
    if sample.suffix == ".xml":
        start, end = content.index(b"<personinfo"), content.rindex(b"</")
        return content[:start], content[start:end], content[end:]
    return b"", content, b""


def measure(sample: Path, size: int) -> dict:
    """Read one long file with every adapter installed, as ``graphmatch ingest`` does, but without a store."""
    from graphmatch.adapter import load_all
    from graphmatch.intake import ingest
    from graphmatch.normalise.contacts import Keyring

    with tempfile.TemporaryDirectory() as folder:
        path = long_file(sample, Path(folder), size)
        adapters = load_all()
        cpu, wall = time.process_time(), time.perf_counter()
        result = ingest(
            [str(path)],
            write=lambda _frames: {},
            home=Path(folder) / "home",
            keyring=Keyring(bytes(32)),
            adapters=adapters,
        )
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        (file,) = result.files
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if file.status != "read":
        return {"failed": file.error or file.status}
    return {
        "mb": round(size / 1e6, 1),
        "records": file.records,
        "quarantined": file.quarantined,
        "cpu_s": round(cpu, 2),
        "wall_s": round(wall, 2),
        "records_per_cpu_s": round(file.records / cpu),
        "mb_per_cpu_s": round(size / 1e6 / cpu, 2),
        "peak_mib": round(peak),
    }


def reports_per_record(adapter, sample: Path) -> float:
    """Count how many reports a record of the sample holds on average."""
    from graphmatch.conformance import items_of, rows_of
    from graphmatch.model import Report

    items, context = items_of(adapter, sample.name, sample.read_bytes())
    return sum(isinstance(row, Report) for item in items for row in rows_of(adapter, item, context)) / len(items)


def _alone(sample: Path, size: int) -> dict:
    command = [sys.executable, __file__, "--measure", str(sample), "--bytes", str(size)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure what was asked for, and print one line of JSON for each sample."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("names", nargs="*", help="adapters; default: all")
    options.add_argument("--mb", type=float, default=8, help="size of the file for speed")
    options.add_argument("--long", nargs="*", default=[], metavar="NAME", help="adapters to give a long file to")
    options.add_argument("--long-mb", type=float, default=1024)
    options.add_argument("--output", type=Path)
    options.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--bytes", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure, chosen.bytes)))
        return
    from graphmatch.adapter import available, load
    from graphmatch.conformance import samples_of

    sizes = [(name, chosen.mb) for name in chosen.names or sorted(available())]
    sizes += [(name, chosen.long_mb) for name in chosen.long]
    results = []
    for name, size in sizes:
        for sample in samples_of(load(name))[: 1 if name in chosen.long else None]:
            base = _alone(sample, 1).get("peak_mib")
            row = {"adapter": name, "sample": sample.name, **_alone(sample, int(size * MIB)), "base_mib": base}
            row["reports_per_cpu_s"] = round(row.get("records_per_cpu_s", 0) * reports_per_record(load(name), sample))
            print(json.dumps(row), flush=True)
            results.append(row)
    if chosen.output:
        told = {"at": datetime.now(UTC).isoformat(), "python": platform.python_version(), "results": results}
        chosen.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
