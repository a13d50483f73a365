"""One small invented world, read once."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.simulate import write_world
from graphmatch.store import open_store
from graphmatch.tables import OBSERVED, TIME
from graphmatch.workspace import create

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The observed tables of 150 accounts; reports of every other account come late, its profile does not."""
    root = tmp_path_factory.mktemp("backtest")
    write_world(root / "exports", accounts=150, seed=3)
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        Line(workspace, load(workspace.config), store).ingest([str(root / "exports")])
        tables = {name: store.read(name) for name in OBSERVED}
    names = tables["accounts"]["account_id"].sort()
    late = names.filter(pl.Series(np.random.default_rng(0).random(names.len()) < 0.5))
    delayed = pl.col("account_id").is_in(late.implode())
    end = pl.lit(tables["reports"]["observed_at"].max(), TIME)
    tables["reports"] = tables["reports"].with_columns(
        pl.when(delayed)
        .then(pl.min_horizontal(pl.col(name) + timedelta(days=10), end))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("reported_at", "observed_at", "status_at", "status_raw_at")
    )
    return tables
