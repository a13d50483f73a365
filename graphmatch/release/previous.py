"""The bundle before this one: what it held, so that this one can say what was added, changed and withdrawn."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.release.recipient import Recipient
from graphmatch.release.rows import PER_RELEASE
from graphmatch.release.stix import creation_times
from graphmatch.release.verify import MANIFEST, verify

_KEYS = {"links": ("link_id", "native_id"), "migrations": ("migration_id",)}


@dataclass(frozen=True, slots=True)
class Previous:
    """``tables`` of an earlier bundle, the creation times of its STIX objects, and how a manifest refers to it."""

    tables: Mapping[str, pl.DataFrame]
    created: Mapping[str, str]
    reference: dict[str, str] | None

    @classmethod
    def none(cls) -> Previous:
        """There was none."""
        return cls({}, {}, None)

    @classmethod
    def read(cls, directory: Path, recipient: Recipient, workspace: str) -> Previous:
        """Read and verify an earlier bundle.

        Raises
        ------
        ReleaseRefused
            It is not as its manifest says.
        UsageError
            It was made for or by somebody else.
        """
        manifest = verify(directory)
        if (manifest.get("recipient"), manifest.get("author")) != (recipient.name, workspace):
            raise UsageError(f"{directory} is no earlier release from {workspace!r} to {recipient.name!r}")
        tables = {name: pl.read_parquet(io.BytesIO((directory / f"{name}.parquet").read_bytes())) for name in _KEYS}
        digest = sha256((directory / MANIFEST).read_bytes()).hexdigest()
        reference = {"period": str(manifest.get("period")), "manifest_sha256": digest}
        return cls(tables, creation_times((directory / "bundle.stix.json").read_bytes()), reference)

    def changes(self, now: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, int]]:
        """Count the rows of each table that were added, removed, changed or left as they were."""
        return {name: _changes(self._rows(name), _by_key(name, table)) for name, table in now.items()}

    def withdrawn(self, links: pl.DataFrame) -> list[str]:
        """List the ``link_id`` that the earlier bundle held and this one does not."""
        if "links" not in self.tables:
            return []
        return sorted(set(self.tables["links"]["link_id"]) - set(links["link_id"]))

    def _rows(self, name: str) -> dict[tuple[str, ...], str]:
        return _by_key(name, self.tables[name]) if name in self.tables else {}


def _by_key(name: str, table: pl.DataFrame) -> dict[tuple[str, ...], str]:
    return {
        tuple(row[key] for key in _KEYS[name]): json.dumps(row, default=str)
        for row in table.drop(PER_RELEASE, strict=False).iter_rows(named=True)
    }


def _changes(before: dict[tuple[str, ...], str], now: dict[tuple[str, ...], str]) -> dict[str, int]:
    kept = before.keys() & now.keys()
    changed = sum(before[key] != now[key] for key in kept)
    return {
        "added": len(now.keys() - before.keys()),
        "removed": len(before.keys() - now.keys()),
        "changed": changed,
        "unchanged": len(kept) - changed,
    }
