"""Where the rows of evaluation sources are kept: apart from the graph, since nobody in them was reported here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl


class Evaluation:
    """Parquet files, ``home/<adapter>/<file's SHA-256>/<table>-<batch>.parquet``; read again, they are replaced."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def keep(self, adapter: str, sha256: str, batch: int, frames: Mapping[str, pl.DataFrame]) -> None:
        """Keep one batch of a file's tables. The first one takes away what an earlier reading left."""
        folder = self._home / adapter / sha256
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.parquet") if batch == 0 else ():
            old.unlink()
        for table, frame in frames.items():
            path = folder / f"{table}-{batch:06d}.parquet"
            making = path.with_suffix(".part")
            frame.write_parquet(making)
            making.replace(path)
