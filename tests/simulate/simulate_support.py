"""What the simulator's tests share."""

from __future__ import annotations

from pathlib import Path

import polars as pl

ACCOUNTS = 400


def read_truth(out: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(out / "truth" / f"{name}.parquet")
