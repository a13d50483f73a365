"""Where the rows of evaluation sources are kept: apart from the graph, since nobody in them was reported here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl


class Evaluation:
    """Parquet files, ``home/<adapter>/<file's SHA-256>/<table>-<batch>.parquet``; read again, they are replaced."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._batches: Counter[str] = Counter()

    def keep(self, adapter: str, sha256: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Keep one batch of a file's tables."""
        folder = self._home / adapter / sha256
        folder.mkdir(parents=True, exist_ok=True)
        batch = self._batches[sha256]
        self._batches[sha256] += 1
        for table, frame in frames.items():
            frame.write_parquet(folder / f"{table}-{batch:04d}.parquet")
