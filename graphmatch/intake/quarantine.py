"""What could not be read, where it stands, and why: never what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from graphmatch.intake.ndjson_log import Entry, NdjsonLog

_LONGEST_REASON = 300
_WAITING = 1_000


class Quarantine:
    """An append-only list of the places that could not be read. Entered twice, by any process, a place stands once.

    ``add`` holds entries back; they are safe once ``flush`` returns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = NdjsonLog(path)
        self._known: set[bytes] = set()
        self._waiting: dict[bytes, dict[str, object]] = {}

    def add(self, *, file: str, sha256: str | None, line: int | None, adapter: str | None, reason: str) -> None:
        """Enter a place. ``line`` is ``None`` for a whole file, ``sha256`` for one that was never opened."""
        entry: dict[str, object] = {
            "file": file,
            "sha256": sha256,
            "line": line,
            "adapter": adapter,
            "reason": reason[:_LONGEST_REASON],
        }
        key = _key(entry)
        if key not in self._known:
            self._waiting[key] = entry
        if len(self._waiting) >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._log.append(self._still_new)
            self._known.update(self._waiting)
            self._waiting = {}

    def _still_new(self, news: Iterator[Entry]) -> list[dict[str, object]]:
        self._known.update(_key(entry) for entry in news)
        return [entry for key, entry in self._waiting.items() if key not in self._known]


def _key(entry: dict[str, object]) -> bytes:
    where = entry.get("sha256") or entry.get("file")
    text = f"{where}\0{entry.get('line')}\0{entry.get('reason')}"
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
