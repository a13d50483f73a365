"""The page on sizing: what a row costs is a slope, and the tables are rows times that."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sizing() -> Iterator[ModuleType]:
    """Load the benchmark, which is in no package."""
    spec = importlib.util.spec_from_file_location("spark_sizing", ROOT / "benchmarks" / "spark_sizing.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, made)
        spec.loader.exec_module(made)
        yield made


def run(accounts: int, pairs: int, seconds: float, shuffled: float) -> dict[str, Any]:
    """Make up a run of two stages."""
    costs = {"cpu_s": seconds, "shuffle_bytes": shuffled, "shuffle_rows": 0.0, "written_bytes": 0.0}
    stages = {"shown": costs, "compared": costs}
    return {"accounts": accounts, "pairs": pairs, "matches": 1, "wall_s": 1.0, "stages": stages}


def test_what_does_not_grow_falls_out(sizing: ModuleType) -> None:
    constants = sizing.slopes([run(3000, 50_000, 9.0, 5e6), run(1000, 10_000, 7.0, 1e6)])
    assert constants["shown"]["cpu_s"] == pytest.approx(2.0 / 2000)
    assert constants["compared"]["shuffle_bytes"] == pytest.approx(4e6 / 40_000)
    assert constants["pairs"]["cpu_s"] == 0


def test_the_table_multiplies(sizing: ModuleType) -> None:
    constants = sizing.slopes([run(3000, 50_000, 9.0, 5e6), run(1000, 10_000, 7.0, 1e6)])
    lines = sizing.table(constants, 36_000_000, 10.0)
    assert "| shown: normalise; census of what is small | 10 | 0.07 TB | 0.00 TB |" in lines
    assert "| compared: both accounts joined to each pair; levels | 5 | 0.04 TB | 0.00 TB |" in lines
    assert lines[-1] == "| **all** | **15** | **0.1 TB** | **0.0 TB** |"


def test_the_page_keeps_its_words_and_can_be_written_again(sizing: ModuleType) -> None:
    text = sizing.PAGE.read_text("utf-8")
    runs = {"runs": [run(3000, 50_000, 9.0, 5e6), run(1000, 10_000, 7.0, 1e6)]}
    once = sizing.page(runs, text)
    assert sizing.page(runs, once) == once
    assert once.count("<!-- end -->") == text.count("<!-- end -->") == 3
    assert "## Doubts" in once
    assert "| 3,000 | 50,000 | 1 | 18 | 1 |" in once
