"""How much memory may still be taken, so that what would not fit is refused before it is begun.

A process that runs out of memory is killed without a word. Reads what the system says; nothing is measured by trying.
"""

from __future__ import annotations

import resource
from pathlib import Path

from graphmatch.errors import OutOfMemory

GIB = 2**30
#: Of what is free, the part that may be planned with: the rest is for what nobody counted.
USABLE = 0.8


def free_bytes(root: Path = Path("/")) -> float:
    """Give the bytes that this process may still take: of the machine, its container and its own limit, the least.

    Infinite where the system does not say. ``root`` is where ``proc`` and ``sys`` are.
    """
    limits = [_of_machine(root), _of_container(root)]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft - _taken(root))
    return max(min(limits), 0.0)


def require(needed: float, what: str, remedy: str, *, most: float | None = None) -> None:
    """Refuse what takes more memory than there is.

    Parameters
    ----------
    needed
        Bytes.
    what, remedy
        What would take them, and which setting to lower.
    most
        Bytes to stay below, instead of what is free.

    Raises
    ------
    OutOfMemory
        It would not fit.
    """
    free = free_bytes() * USABLE if most is None else most
    if needed > free:
        raise OutOfMemory(f"{what} would take about {needed / GIB:.1f} GiB, and {free / GIB:.1f} may be used; {remedy}")


def _of_machine(root: Path) -> float:
    try:
        lines = (root / "proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return float("inf")
    available = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return float(available[0]) * 1024 if available else float("inf")


def _of_container(root: Path) -> float:
    """Give what a control group (version 2) leaves; its own page cache can be given back."""
    folder = root / "sys/fs/cgroup"
    try:
        most = (folder / "memory.max").read_text("ascii").strip()
        taken = int((folder / "memory.current").read_text("ascii"))
        lines = (folder / "memory.stat").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return float("inf")
    cached = sum(int(line.split()[1]) for line in lines if line.startswith(("inactive_file ", "active_file ")))
    return float("inf") if most == "max" else float(most) - taken + cached


def _taken(root: Path) -> float:
    pages = (root / "proc/self/statm").read_text("ascii").split()[0]
    return float(pages) * resource.getpagesize()
