"""The run over many files: keep, recognise, read, normalise, check, write; and account for every record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from graphmatch.adapter import Adapter
from graphmatch.errors import DataError, PassedOver, UnreadableFile
from graphmatch.intake.archive import Archive, Kept
from graphmatch.intake.evaluation import Evaluation
from graphmatch.intake.files import InputFile, Refused, expand
from graphmatch.intake.guarded import Limits
from graphmatch.intake.head import heads, recognise
from graphmatch.intake.ledger import Ledger
from graphmatch.intake.outcome import FileOutcome, IngestResult, Progress
from graphmatch.intake.pending import DUE_BYTES, Pending, Write
from graphmatch.intake.quarantine import Quarantine
from graphmatch.intake.reading import FileReading, Run
from graphmatch.normalise.contacts import Keyring
from graphmatch.tables import OBSERVED


def ingest(  # noqa: PLR0913 - the door of the room: each argument is a choice that the caller has
    paths: Sequence[str],
    *,
    write: Write,
    home: Path,
    keyring: Keyring,
    adapters: Sequence[Adapter],
    observed_at: datetime | None = None,
    progress: Progress | None = None,
    batch_records: int = 10_000,
    due_bytes: int = DUE_BYTES,
    force: bool = False,
    into: str = "",
    fresh: bool = False,
    limits: Limits | None = None,
) -> IngestResult:
    """Read files into a store. Done twice, it changes nothing; broken off, the next run completes it.

    Parameters
    ----------
    paths
        Files, folders, ``.gz``, ``.zip``, or ``-`` for standard input.
    write
        Takes the rows of each table of some batches, merged and checked, and keeps all of them or none; what it gives
        back for each may have ``new``, ``changed`` and ``unchanged``.
    home
        The folder of the archive, ``files.ndjson``, ``quarantine.ndjson``, and of what serves for evaluation only.
    keyring, adapters, observed_at
        The key for contact values, who may read, and when the exports were pulled if that is known.
    batch_records
        Records normalised before their rows are made tables and checked.
    due_bytes
        How much memory those tables may take before they are written. More is faster, as a store's commit costs much.
    force
        Read files again that were read before.
    into
        Names the store: a file that was read into one still has to be read into another.
    fresh
        The store is empty: whatever was read into it before is in it no more.
    limits
        How much archives may unpack to.

    Raises
    ------
    UsageError
        A path does not exist. What files hold never raises: see the result.
    """
    found = expand(paths, limits)
    pending = Pending(write, due_bytes)
    run = Run(
        pending=pending,
        keep=Evaluation(home / "evaluation").keep,
        quarantine=Quarantine(home / "quarantine.ndjson"),
        keyring=keyring,
        observed_at=observed_at,
        progress=progress or _Silent(),
        batch_records=batch_records,
    )
    intake = _Intake(
        run=run,
        archive=Archive(home / "archive"),
        ledger=Ledger(home / "files.ndjson", into=into, observed_at=observed_at, fresh=fresh),
        adapters=adapters,
        force=force,
    )
    outcomes = tuple(intake.take(file) for file in found)
    pending.flush()
    return IngestResult(outcomes, {table: pending.totals[table] for table in OBSERVED if table in pending.totals})


class _Silent:
    def start(self, name: str, total_bytes: int | None) -> None:
        """Tell nobody."""

    def advance(self, n_bytes: int, n_records: int) -> None:
        """Tell nobody."""

    def finish(self) -> None:
        """Tell nobody."""


@dataclass(frozen=True)
class _Intake:
    run: Run
    archive: Archive
    ledger: Ledger
    adapters: Sequence[Adapter]
    force: bool

    def take(self, file: InputFile | Refused) -> FileOutcome:
        """Deal with one file; a file that can't be read becomes a failed outcome and a line in quarantine."""
        if isinstance(file, Refused):
            return self._failed(file, file.why, None)
        kept: Kept | None = None
        try:
            kept = self._keep(file)
            return replace(self._read(file.name, kept), where=file.where)
        except PassedOver as reason:
            return FileOutcome(
                file.name, "skipped", sha256=kept.sha256 if kept else None, error=str(reason), where=file.where
            )
        except DataError as error:
            return self._failed(file, str(error).removeprefix(f"{file.name}: "), kept.sha256 if kept else None)

    def _failed(self, file: InputFile | Refused, why: str, sha256: str | None) -> FileOutcome:
        reason = why.splitlines()[0]
        self.run.quarantine.add(file=file.name, sha256=sha256, line=None, adapter=None, reason=reason)
        self.run.quarantine.flush()
        return FileOutcome(file.name, "failed", sha256=sha256, error=why, where=file.where)

    def _keep(self, file: InputFile) -> Kept:
        self.run.progress.start(file.name, file.size)
        try:
            with file.open() as stream:
                kept = self.archive.keep(stream, lambda n_bytes: self.run.progress.advance(n_bytes, 0))
        finally:
            self.run.progress.finish()
        if not kept.size:
            raise UnreadableFile(kept.cut_off or f"{file.name}: the file is empty")
        return kept

    def _read(self, name: str, kept: Kept) -> FileOutcome:
        with self.archive.open(kept.sha256) as stream:
            ways = heads(stream, name)
        if ways[0].format == "json_array" and ways[0].first is None and kept.size < 2**16:
            with self.archive.open(kept.sha256) as stream:
                if not stream.read().strip(b"\xef\xbb\xbf \t\r\n[]"):
                    return FileOutcome(name, "empty", sha256=kept.sha256)
        adapter, layout = recognise(ways, self.adapters)
        known = self.ledger.find(kept.sha256, adapter.name, layout)
        if known and not self.force:
            return replace(known, name=name)
        self.run.progress.start(name, kept.size)
        try:
            with self.archive.open(kept.sha256) as stream:
                outcome = FileReading(self.run, name, kept, adapter, layout).read(stream)
        finally:
            self.run.progress.finish()
        self.run.quarantine.flush()
        self.ledger.learn(outcome)
        self.run.pending.then(lambda: self.ledger.enter(outcome))
        return outcome
