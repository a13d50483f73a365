"""What each stage of a benchmark took, in CPU and wall seconds and in memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEAK, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Stages:
    """What each stage took, in CPU and wall seconds and in memory."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, float]] = {}

    def run(self, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call ``function``, keep what it took under ``name``, and say so on stderr."""
        FORGET.write_text("5")  # the kernel's word for: the peak begins anew
        cpu, wall = time.process_time(), time.perf_counter()
        result = function(*args, **kwargs)
        self.taken[name] = {
            "cpu_s": round(time.process_time() - cpu, 3),
            "wall_s": round(time.perf_counter() - wall, 3),
            "peak_gib": _peak_gib(),
        }
        print(name, self.taken[name], file=sys.stderr, flush=True)
        return result

    def simulate(self, command: list[str]) -> None:
        """Run the simulation, the only child of this process, and keep what it took."""
        wall = time.perf_counter()
        subprocess.run(command, check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.taken["simulate"] = {
            "cpu_s": round(used.ru_utime + used.ru_stime, 3),
            "wall_s": round(time.perf_counter() - wall, 3),
            "peak_gib": round(used.ru_maxrss / 2**20, 3),
        }


def _peak_gib() -> float:
    line = next(line for line in PEAK.read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 2**20, 3)
