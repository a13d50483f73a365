"""One file's records → rows in a store, every record accounted for: read, or in quarantine."""

from __future__ import annotations

import gc
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

import polars as pl

from graphmatch.adapter import Adapter, Context, Layout, RawRecord, SourceCard, Unreadable, card_of
from graphmatch.errors import ConfigError, LeftOut, RejectedRecord
from graphmatch.frames import ROW_TABLES
from graphmatch.intake.archive import Kept
from graphmatch.intake.batch import build
from graphmatch.intake.outcome import FileOutcome, Progress
from graphmatch.intake.pending import Pending
from graphmatch.intake.quarantine import Quarantine
from graphmatch.model import Report, Row
from graphmatch.normalise.categories import UNMAPPED
from graphmatch.normalise.contacts import Keyring
from graphmatch.readers.streams import Tap

#: Keeps the rows of a file that serves for evaluation: the adapter's name, the file's SHA-256, which batch, the tables.
Keep = Callable[[str, str, int, Mapping[str, pl.DataFrame]], None]

#: A batch also ends when its records are this long together, so that long records don't fill the memory.
_BATCH_BYTES = 32 * 2**20
_TELL_EVERY = 500
_LOOKED_AT_ALL = 1_000
_LOOKED_AT_EVERY = 50
#: Under these stand the unknown fields whose names may be data themselves (an object keyed by address, say), and
#: those beyond the first thousand.
WITHHELD = "(a name that may be personal)"
FURTHER = "(further names)"
#: What stands in quarantine of a record that gave neither rows nor a reason.
NOTHING_SAID = "the adapter gave no rows, and no reason"
_MAX_UNKNOWN = 1_000
_LONGEST_FIELD = 80
_PERSONAL_FIELD = re.compile(r"@|\d{5}|\d[\d .()-]{7}|\d+\.\d+\.\d|:[0-9a-f]*:|\bdid:|//|\w\.\w+/")


@dataclass
class Run:
    """What the files of one run share."""

    pending: Pending
    keep: Keep
    quarantine: Quarantine
    keyring: Keyring
    observed_at: datetime | None
    progress: Progress
    batch_records: int
    _cards: dict[str, SourceCard | None] = field(default_factory=dict)

    def card(self, adapter: Adapter) -> SourceCard | None:
        """Find the fields that an adapter knows; one from elsewhere may have none to show."""
        if adapter.name not in self._cards:
            try:
                self._cards[adapter.name] = card_of(adapter)
            except (ConfigError, OSError, ImportError, ValueError, TypeError):
                self._cards[adapter.name] = None
        return self._cards[adapter.name]


class FileReading:
    """The reading of one file from beginning to end."""

    def __init__(self, run: Run, name: str, kept: Kept, adapter: Adapter, layout: Layout) -> None:
        self._run = run
        self._name = name
        self._kept = kept
        self._adapter = adapter
        self._layout = layout
        self._context = Context(
            source=adapter.name,
            file_name=name,
            layout=layout,
            keyring=run.keyring,
            observed_at=run.observed_at,
        )
        self._card = run.card(adapter)
        self._records = self._quarantined = self._looked_at = 0
        self._in_batch = 0
        self._gathered: list[tuple[int, list[Row]]] = []
        self._said: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._unmapped: Counter[str] = Counter()
        self._kept_batches = 0
        self._evaluation = bool(self._card and layout.record in self._card.evaluation)
        self._last_line = 0
        self._broke_off = False

    def read(self, stream: BinaryIO) -> FileOutcome:
        """Read the file to its end; its last batches may still be pending when this returns."""
        tap, told, begun = Tap(stream), 0, 0
        with _collecting_by_batch() as collect:
            for item in self._unless_cut(self._items(tap)):
                self._take(item)
                if self._records % _TELL_EVERY == 0:
                    self._run.progress.advance(tap.taken - told, _TELL_EVERY)
                    told = tap.taken
                if self._in_batch >= self._run.batch_records or tap.taken - begun > _BATCH_BYTES:
                    self._end_batch()
                    begun = tap.taken
                    collect()
            self._end_batch()
        self._run.progress.advance(tap.taken - told, self._records % _TELL_EVERY)
        if self._kept.cut_off and not self._broke_off:
            self._refuse(self._last_line + 1, self._kept.cut_off.removeprefix(f"{self._name}: "))
            self._records += 1
        return self._outcome()

    def _items(self, stream: Tap) -> Iterator[RawRecord | Unreadable]:
        items = iter(self._adapter.read(io.BufferedReader(stream, 2**18), self._layout))
        while True:
            try:
                item = next(items)
            except StopIteration:
                return
            except Exception as error:  # noqa: BLE001 - an adapter may be anybody's; its records so far are good
                item = Unreadable(self._last_line + 1, f"the adapter failed with {type(error).__name__}")
                items = iter(())
            self._last_line = item.line
            self._broke_off = isinstance(item, Unreadable)
            yield item

    def _unless_cut(self, items: Iterable[RawRecord | Unreadable]) -> Iterator[RawRecord | Unreadable]:
        """Hold back the last row of a table that breaks off within a line: a cell that is cut short looks whole."""
        cut_off = self._kept.cut_off if self._kept.mid_line and self._layout.format == "csv" else None
        last: RawRecord | Unreadable | None = None
        for item in items:
            if last is not None:
                yield last
            last = item
        if cut_off and isinstance(last, RawRecord):
            last = Unreadable(last.line, cut_off.removeprefix(f"{self._name}: "))
            self._broke_off = True
        if last is not None:
            yield last

    def _take(self, item: RawRecord | Unreadable) -> None:
        self._records += 1
        self._in_batch += 1
        if isinstance(item, Unreadable):
            self._refuse(item.line, item.why)
            return
        self._look(item)
        rows = self._normalise(item)
        if rows:
            self._said.update(ROW_TABLES.get(type(row), "") for row in rows)
            self._count_unmapped(rows)
            self._gathered.append((item.line, rows))

    def _end_batch(self) -> None:
        """Make tables of the rows gathered since the last batch, and let them be written."""
        if not self._in_batch:
            return
        gathered, self._gathered, self._in_batch = self._gathered, [], 0
        built = build([rows for _, rows in gathered])
        for place, reason in built.bad.items():
            self._refuse(gathered[place][0], reason)
        self._run.quarantine.flush()
        self._rows.update({table: frame.height for table, frame in built.frames.items()})
        if self._evaluation:
            self._run.keep(self._adapter.name, self._kept.sha256, self._kept_batches, built.frames)
            self._kept_batches += 1
        else:
            self._run.pending.add(built.frames)

    def _normalise(self, record: RawRecord) -> list[Row]:
        try:
            rows = list(self._adapter.normalise(record, self._context))
        except RejectedRecord as error:
            self._refuse(record.line, str(error))
        except LeftOut as reason:
            self._left_out[_sayable(str(reason), self._left_out)] += 1
        except Exception as error:  # noqa: BLE001 - an adapter may be anybody's; the type alone holds no personal data
            self._refuse(record.line, f"the adapter failed with {type(error).__name__}")
        else:
            if not rows:
                self._refuse(record.line, NOTHING_SAID)
            return rows
        return []

    def _count_unmapped(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if isinstance(row, Report) and row.category_reported == UNMAPPED and row.category_raw:
                self._unmapped[_sayable(row.category_raw, self._unmapped)] += 1

    def _refuse(self, line: int, reason: str) -> None:
        self._quarantined += 1
        self._run.quarantine.add(
            file=self._name,
            sha256=self._kept.sha256,
            line=line,
            adapter=self._adapter.name,
            reason=reason,
        )

    def _look(self, record: RawRecord) -> None:
        if self._card and (self._records <= _LOOKED_AT_ALL or self._records % _LOOKED_AT_EVERY == 0):
            self._looked_at += 1
            self._unknown.update({_sayable(path, self._unknown) for path in self._card.unknown(record.value)})

    def _outcome(self) -> FileOutcome:
        gave = self._records - self._quarantined - self._left_out.total()
        return FileOutcome(
            name=self._name,
            status="read",
            sha256=self._kept.sha256,
            adapter=self._adapter.name,
            record=self._layout.record,
            records=self._records,
            quarantined=self._quarantined,
            rows=dict(self._rows),
            left_out=dict(sorted(self._left_out.items())),
            unmapped=dict(sorted(self._unmapped.items())),
            unknown=dict(sorted(self._unknown.items())),
            looked_at=self._looked_at,
            evaluation=self._evaluation,
            shortfall=self._card.shortfall(self._layout.record, gave, self._said) if self._card else None,
        )


def _sayable(name: str, known: Counter[str]) -> str:
    """Give a name that may be said: what an export calls its fields and reasons may be data itself."""
    if len(name) > _LONGEST_FIELD or not name.isprintable() or _PERSONAL_FIELD.search(name):
        return WITHHELD
    return name if name in known or len(known) < _MAX_UNKNOWN else FURTHER


@contextmanager
def _collecting_by_batch() -> Iterator[Callable[[], object]]:
    """Keep the garbage collector from walking a batch over and over while it grows; collect after each instead."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(1)
    finally:
        if was_on:
            gc.enable()
