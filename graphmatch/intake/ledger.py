"""Which files were read whole, by which adapter, and what they held. A file stands here only after its last batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from graphmatch.adapter import Layout
from graphmatch.intake.ndjson_log import Entry, NdjsonLog
from graphmatch.intake.outcome import FileOutcome

#: The key of a line that says which store was found empty: what was read into it before is not in it any more.
_BEGUN_ANEW = "begun_anew"


class Ledger:
    """``files.ndjson``: one line for each file read, newest last.

    Several processes may read files at once: each knows what the others entered. ``fresh``: the store is empty.
    """

    def __init__(self, path: Path, *, into: str, observed_at: datetime | None, fresh: bool = False) -> None:
        self.path = path
        self._into = into
        self._observed_at = observed_at.isoformat() if observed_at else None
        self._log = NdjsonLog(path)
        self._known: dict[tuple[object, ...], Entry] = {}
        self._read: dict[tuple[object, ...], Entry] = {}
        self._learn(self._log.news())
        if fresh and any(entry["into"] == into for entry in self._known.values()):
            self._log.append(self._begin_anew)

    def find(self, sha256: str, adapter: str, layout: Layout) -> FileOutcome | None:
        """Give what an earlier reading came to: of the same content, in the same way, into the same store."""
        self._learn(self._log.news())
        key = (sha256, adapter, layout.record, self._into, self._observed_at)
        entry = self._read.get(key) or self._known.get(key)
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
            left_out=dict(entry.get("left_out", {})),
            unmapped=dict(entry.get("unmapped", {})),
            evaluation=bool(entry.get("evaluation", False)),
            shortfall=entry.get("shortfall"),
        )

    def learn(self, outcome: FileOutcome) -> None:
        """Know a file that was read to its end and is not entered yet, for its rows may not be in the store."""
        entry = self._entry(outcome)
        self._read[_key(entry)] = entry

    def enter(self, outcome: FileOutcome) -> None:
        """Enter a file whose rows are all in the store."""
        entry = self._entry(outcome)
        self._log.append(lambda news: self._unless_entered(news, entry))
        self._known[_key(entry)] = entry
        self._read.pop(_key(entry), None)

    def _entry(self, outcome: FileOutcome) -> Entry:
        return {
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
            "left_out": dict(outcome.left_out),
            "unmapped": dict(outcome.unmapped),
            "evaluation": outcome.evaluation,
            "shortfall": outcome.shortfall,
        }

    def carry_over(self, target: str) -> None:
        """Say of the files that were read into this store, and of no others, that its copy ``target`` holds them."""
        self._log.append(lambda news: self._carried(news, target))

    def _carried(self, news: Iterator[Entry], target: str) -> list[Entry]:
        self._learn(news)
        own = [{**entry, "into": target} for entry in self._known.values() if entry["into"] == self._into]
        return [{_BEGUN_ANEW: target}, *own]

    def _begin_anew(self, news: Iterator[Entry]) -> list[Entry]:
        self._learn(news)
        self._forget(self._into)
        return [{_BEGUN_ANEW: self._into}]

    def _learn(self, news: Iterator[Entry]) -> None:
        for entry in news:
            if isinstance(emptied := entry.get(_BEGUN_ANEW), str):
                self._forget(emptied)
            elif _is_whole(entry):
                self._known[_key(entry)] = entry

    def _forget(self, into: str) -> None:
        self._known = {key: entry for key, entry in self._known.items() if entry["into"] != into}

    def _unless_entered(self, news: Iterator[Entry], entry: Entry) -> list[Entry]:
        """Enter a file once, although two processes read it at the same time, or one was told to read it again."""
        self._learn(news)
        before = self._known.get(_key(entry), {})
        return [] if {**before, "name": entry["name"]} == entry else [entry]


def _is_whole(entry: dict[str, object]) -> bool:
    """Tell whether a line is one that `Ledger.enter` wrote. A file whose line was spoilt is read again."""
    texts = all(isinstance(entry.get(name), str) for name in ("sha256", "name", "adapter", "record", "into"))
    counts = all(isinstance(entry.get(name, 0), int) for name in ("records", "quarantined", "looked_at"))
    tables = all(isinstance(entry.get(name, {}), dict) for name in ("rows", "unknown", "left_out", "unmapped"))
    optional = all(isinstance(entry.get(name), str | None) for name in ("observed_at", "shortfall"))
    return texts and counts and tables and optional


def _key(entry: dict[str, object]) -> tuple[object, ...]:
    return tuple(entry.get(name) for name in ("sha256", "adapter", "record", "into", "observed_at"))
