from __future__ import annotations

from pathlib import Path

import pytest
from simulate_support import ACCOUNTS

from graphmatch.simulate import WorldSummary, write_world


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, WorldSummary]:
    out = tmp_path_factory.mktemp("simulated") / "world"
    return out, write_world(out, accounts=ACCOUNTS, seed=20)
