"""What reading files came to, and who is told while it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Status = Literal["read", "known", "empty", "skipped", "failed"]


class Progress(Protocol):
    """Is told how far the reading has come. Each file comes twice: while it is kept, and while it is read."""

    def start(self, name: str, total_bytes: int | None) -> None:
        """Begin a file."""
        ...

    def advance(self, n_bytes: int, n_records: int) -> None:
        """Go on by so many bytes and records."""
        ...

    def finish(self) -> None:
        """End the file."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows that were written were new, changed, or already there as they are."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, written: object) -> Tally:
        """Add what a store's ``write`` gave back; anything else counts as nothing."""
        new, changed, unchanged = (getattr(written, name, 0) for name in ("new", "changed", "unchanged"))
        return Tally(self.new + new, self.changed + changed, self.unchanged + unchanged)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file: ``records`` that it holds, ``quarantined`` of them, and the ``rows`` made of the others, by table.

    ``status``: ``read`` now, ``known`` from an earlier run (with what that came to), ``empty`` (an export of nothing),
    ``skipped`` (known, and nothing to keep: ``error`` says what it is), or ``failed`` as a whole (``error`` says why).
    ``left_out`` counts the records that hold nothing to keep, by reason: every other record gave rows or is
    quarantined. ``unmapped`` counts a platform's reasons that the taxonomy does not know. ``unknown`` counts, for each
    field that the adapter does not know, the records that have it among the ``looked_at`` ones: all of the first
    thousand, then one in fifty. ``evaluation``: its rows serve to measure the linking, and are not in the graph.
    ``shortfall`` says what the records should have given and did not. ``where`` is the path as given: said, never kept.
    """

    name: str
    status: Status
    sha256: str | None = None
    adapter: str | None = None
    record: str | None = None
    records: int = 0
    quarantined: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    unmapped: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    looked_at: int = 0
    error: str | None = None
    evaluation: bool = False
    shortfall: str | None = None
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the outcome as plain values."""
        return asdict(self)

    def sentence(self) -> str:
        """Say the outcome to a person."""
        # A name may hold line ends, and must not be able to forge a line of its own.
        where = " ".join((self.where or self.name).splitlines())
        if self.status == "failed":
            return f"{where}: {self.error}"
        if self.status == "skipped":
            return f"{where}: passed over: {self.error}"
        if self.status == "empty":
            return f"{where}: holds no records"
        again = ", already ingested" if self.status == "known" else ""
        said = f"{where}: {self.records:,} records of {self.adapter} ({self.record}){again}"
        if self.evaluation:
            said += "; for evaluation only, kept out of the graph"
        if self.quarantined:
            said += f"; {self.quarantined:,} in quarantine"
        if self.left_out:
            said += f"; {sum(self.left_out.values()):,} left out ({_most(self.left_out)})"
        if self.unmapped:
            said += f"; {len(self.unmapped):,} reasons that the taxonomy does not know ({_most(self.unmapped)})"
        if self.unknown:
            said += f"; {len(self.unknown):,} unknown fields ({_most(self.unknown)})"
        return f"{said}; FEWER ROWS THAN EXPECTED: {self.shortfall}" if self.shortfall else said


def _most(counts: Mapping[str, int]) -> str:
    """Name the three that occur most."""
    most = ", ".join(sorted(counts, key=lambda name: (-counts[name], name))[:3])
    return f"{most}{', …' if len(counts) > 3 else ''}"


@dataclass(frozen=True, slots=True)
class IngestResult:
    """A run: each file's outcome in order, and what each table gained."""

    files: tuple[FileOutcome, ...]
    totals: Mapping[str, Tally]

    @property
    def records(self) -> int:
        """Records in all files."""
        return sum(file.records for file in self.files)

    @property
    def quarantined(self) -> int:
        """Records that could not be read."""
        return sum(file.quarantined for file in self.files)

    @property
    def failed(self) -> tuple[FileOutcome, ...]:
        """Files that could not be read at all."""
        return tuple(file for file in self.files if file.status == "failed")

    @property
    def unknown(self) -> dict[str, int]:
        """Fields that no adapter knows, as ``adapter: path``, with the records that have them."""
        counts: Counter[str] = Counter()
        for file in self.files:
            counts.update({f"{file.adapter}: {path}": count for path, count in file.unknown.items()})
        return dict(sorted(counts.items()))

    @property
    def left_out(self) -> int:
        """Records that hold nothing to keep."""
        return sum(sum(file.left_out.values()) for file in self.files)

    @property
    def unmapped(self) -> dict[str, int]:
        """Reasons that the taxonomy does not know, as ``adapter: reason``, with the reports that give them."""
        counts: Counter[str] = Counter()
        for file in self.files:
            counts.update({f"{file.adapter}: {reason}": count for reason, count in file.unmapped.items()})
        return dict(sorted(counts.items()))

    @property
    def incomplete(self) -> bool:
        """Whether anything could not be read, or gave less than it should."""
        return bool(self.quarantined or self.failed or any(file.shortfall for file in self.files))
