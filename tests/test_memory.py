"""What may still be taken, and refusing what would not fit."""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphmatch.errors import OutOfMemory
from graphmatch.link import link
from graphmatch.link.keys import Keys
from graphmatch.link.meet import meet
from graphmatch.memory import GIB, USABLE, free_bytes, require


def system(root: Path, available_kib: int, container: tuple[str, int, int] | None = None) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable:  {available_kib} kB\n")
    (root / "proc/self/statm").write_text("100 1 1\n")
    if container:
        folder = root / "sys/fs/cgroup"
        folder.mkdir(parents=True)
        most, current, cache = container
        (folder / "memory.max").write_text(f"{most}\n")
        (folder / "memory.current").write_text(f"{current}\n")
        (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\nactive_file 7\n")
    return root


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (None, 1024 * 1024),
        (("max", 10, 10), 1024 * 1024),
        (("500000", 100_000, 3_000), 500_000 - 100_000 + 3_000 + 7),
        (("5000000", 100_000, 0), 1024 * 1024),
        (("1000", 9_000, 0), 0),
    ],
)
def test_the_least_of_machine_and_container_is_free(
    tmp_path: Path, container: tuple[str, int, int] | None, expected: float
) -> None:
    assert free_bytes(system(tmp_path, 1024, container)) == expected


def test_a_system_that_says_nothing_sets_no_limit(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) == float("inf")


def test_the_limit_of_the_process_counts_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1_000_000, resource.RLIM_INFINITY))
    assert free_bytes(system(tmp_path, 10**9)) == 1_000_000 - 100 * resource.getpagesize()


def test_what_does_not_fit_is_refused_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphmatch.memory.free_bytes", lambda: 10.0 * GIB)
    require(USABLE * 10 * GIB, "this", "lower that")
    with pytest.raises(OutOfMemory, match=r"^this would take about 8\.1 GiB, and 8\.0 may be used; lower that$"):
        require(8.1 * GIB, "this", "lower that")
    with pytest.raises(OutOfMemory, match=r"and 0\.5 may be used"):
        require(GIB, "this", "lower that", most=GIB / 2)


def test_a_common_key_under_a_high_cap_is_refused_before_its_pairs_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphmatch.memory.free_bytes", lambda: 4.0 * GIB)
    rows = np.arange(200_000, dtype=np.uint32)
    with pytest.raises(OutOfMemory, match="lower the setting cap"):
        meet(Keys(rows, np.zeros(rows.size, np.uint64)), cap=rows.size)


def test_linking_stops_where_its_pairs_would_not_fit() -> None:
    accounts = pl.DataFrame({"account_id": ["a", "b"], "platform": ["p", "q"], "handle": ["grimwald"] * 2})
    assert link(accounts, memory_gib=1.0).candidates == 1
    with pytest.raises(OutOfMemory, match="lower the setting cap"):
        link(accounts, memory_gib=1e-9)


def test_too_little_memory_ends_with_one_sentence(tmp_path: Path) -> None:
    table = pl.DataFrame({"account_id": ["a", "b"], "platform": ["p", "q"], "handle": ["grimwald"] * 2})
    table.write_parquet(tmp_path / "accounts.parquet")
    program = (
        "import sys; from graphmatch import memory; from graphmatch.cli import main\n"
        "memory.free_bytes = lambda: 100.0\n"
        "sys.argv = ['graphmatch', 'link', '--accounts', 'accounts.parquet', '--output', 'matches.parquet']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (OutOfMemory.exit_code, "")
    assert done.stderr.count("\n") == 1
    assert "(--cap)" in done.stderr
    assert not (tmp_path / "matches.parquet").exists()
