"""Which files were read whole, by which adapter, and what they held. A file stands here only after its last batch."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from graphmatch.adapter import Layout
from graphmatch.intake.ndjson_log import append_lines, read_lines
from graphmatch.intake.outcome import FileOutcome


class Ledger:
    """``files.ndjson``: one line for each file read, newest last."""

    def __init__(self, path: Path, *, into: str, observed_at: datetime | None) -> None:
        self.path = path
        self._into = into
        self._observed_at = observed_at.isoformat() if observed_at else None
        self._known = {_key(entry): entry for entry in read_lines(path) if _is_whole(entry)}

    def find(self, sha256: str, adapter: str, layout: Layout) -> FileOutcome | None:
        """Give what an earlier reading came to: of the same content, in the same way, into the same store."""
        entry = self._known.get((sha256, adapter, layout.record, self._into, self._observed_at))
        if entry is None:
            return None
        return FileOutcome(
            name=str(entry.get("name")),
            status="known",
            sha256=sha256,
            adapter=adapter,
            record=layout.record,
            records=entry.get("records", 0),
            quarantined=entry.get("quarantined", 0),
            rows=dict(entry.get("rows", {})),
            unknown=dict(entry.get("unknown", {})),
            looked_at=entry.get("looked_at", 0),
        )

    def enter(self, outcome: FileOutcome) -> None:
        """Enter a file that was read to its end."""
        entry: dict[str, object] = {
            "sha256": outcome.sha256,
            "name": outcome.name,
            "adapter": outcome.adapter,
            "record": outcome.record,
            "into": self._into,
            "observed_at": self._observed_at,
            "records": outcome.records,
            "quarantined": outcome.quarantined,
            "rows": dict(outcome.rows),
            "unknown": dict(outcome.unknown),
            "looked_at": outcome.looked_at,
        }
        append_lines(self.path, [entry])
        self._known[_key(entry)] = entry


def _is_whole(entry: dict[str, object]) -> bool:
    """Tell whether a line is one that `Ledger.enter` wrote. A file whose line was spoilt is read again."""
    texts = all(isinstance(entry.get(name), str) for name in ("sha256", "name", "adapter", "record", "into"))
    counts = all(isinstance(entry.get(name, 0), int) for name in ("records", "quarantined", "looked_at"))
    tables = all(isinstance(entry.get(name, {}), dict) for name in ("rows", "unknown"))
    return texts and counts and tables and isinstance(entry.get("observed_at"), str | None)


def _key(entry: dict[str, object]) -> tuple[object, ...]:
    return tuple(entry.get(name) for name in ("sha256", "adapter", "record", "into", "observed_at"))
