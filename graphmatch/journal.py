"""The journal: what people said, append-only and hash-chained, so that a changed record is always noticed.

One record a line, canonical JSON: ``{at, body, hash, kind, prev, seq}``. ``hash`` is the SHA-256 of the
record without it; ``prev`` is the hash before, 64 zeros at the start. A line must be *byte for byte* the
canonical form of its record. Every append is flushed to the disk before it returns, under a lock.

A chain alone can't show that records were dropped from its very end. So the number and hash of the last record
stand in a second file beside it (``<name>.head``), renewed after each append: a journal cut short, or gone, is
noticed. Who can write both files can forge both; against that keep what `Journal.verify` returns elsewhere, and
hand it to the next `Journal.verify`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

import polars as pl

from graphmatch.errors import JournalBroken, UsageError
from graphmatch.model import Judgement
from graphmatch.normalise.analysts import analyst_key
from graphmatch.tables import dtypes, require

#: The kind of record that `Journal.judge` writes.
JUDGEMENT = "judgement"
_START = "0" * 64
_HEAD = re.compile(r"([1-9]\d{0,17}) ([0-9a-f]{64})\n")


class Head(NamedTuple):
    """The end of the chain: number and hash of the last record (0 and zeros when there is none)."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Record:
    """One journal record."""

    seq: int
    at: datetime
    kind: str
    body: dict[str, Any]
    prev: str
    hash: str


class Journal:
    """The append-only file at ``path``; it need not exist yet.

    Every method that reads checks the whole chain, and raises `JournalBroken` naming the first bad record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head_path = path.with_name(f"{path.name}.head")
        self._known: tuple[int, Head] | None = None  # length and head after our own last append

    def append(self, kind: str, body: Mapping[str, Any], at: datetime) -> Record:
        """Add one record and flush it to the disk.

        Raises
        ------
        UsageError
            ``at`` has no time zone, ``body`` is not JSON, or a judgement lacks its analyst or reason.
        JournalBroken
            The chain does not hold; nothing is written.
        """
        if at.tzinfo is None:
            raise UsageError("a journal record needs a time with its zone")
        if kind == JUDGEMENT:
            body = _judgement(body)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        with self._locked("a+b", fcntl.LOCK_EX) as file:
            head = self._head(file)
            line, record = _seal(head, kind, body, at)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            self._known = (file.tell(), Head(record.seq, record.hash))
            self._keep(Head(record.seq, record.hash))
        if is_new:
            _sync_folder(self.path.parent)
        return record

    def judge(self, left: str, right: str, judgement: Judgement, *, analyst: str, reason: str, at: datetime) -> Record:
        """Add what ``analyst`` says of a pair; the two account ids may come in either order.

        Raises
        ------
        UsageError
            The analyst or the reason is blank, or the pair is one account twice.
        """
        body = {"left": left, "right": right, "judgement": judgement, "analyst": analyst, "reason": reason}
        return self.append(JUDGEMENT, body, at)

    def records(self) -> list[Record]:
        """Read every record, checking the chain."""
        kept = self._kept()  # before looking for the journal: another process may be beginning it
        if not self.path.exists():
            self._check([], kept)
            return []
        with self._locked("rb", fcntl.LOCK_SH) as file:
            records = list(_read(file, self.path))
            self._check(records, self._kept())
            return records

    def verify(self, kept: Head | None = None) -> Head:
        """Check the whole chain, and that it still holds the head that was ``kept`` elsewhere.

        Returns
        -------
        Head
            The end of the chain, to be kept.
        """
        records = self.records()
        self._check(records, kept or Head(0, _START))
        return Head(records[-1].seq, records[-1].hash) if records else Head(0, _START)

    def judgements(self) -> pl.DataFrame:
        """Give the judgements as table ``judgements``, in the order in which they were written."""
        rows = [
            {"seq": record.seq, **record.body, "at": record.at} for record in self.records() if record.kind == JUDGEMENT
        ]
        return require("judgements", pl.DataFrame(rows, schema=dtypes("judgements")))

    def recover(self) -> Path | None:
        """Move a torn last line into a file beside the journal: the way out after a crash while writing.

        Returns
        -------
        pathlib.Path or None
            Where the fragment lies now; ``None`` if the journal ends as it should.
        """
        if not self.path.exists():
            return None
        with self._locked("r+b", fcntl.LOCK_EX) as file:
            data = file.read()
            whole = data.rfind(b"\n") + 1
            if whole == len(data):
                return None
            aside = self.path.with_name(f"{self.path.name}.torn-{hashlib.sha256(data[whole:]).hexdigest()[:8]}")
            with open(aside, "wb", opener=_private) as kept:
                kept.write(data[whole:])
                os.fsync(kept.fileno())
            file.truncate(whole)
            os.fsync(file.fileno())
        _sync_folder(self.path.parent)
        return aside

    @contextmanager
    def _locked(self, mode: str, lock: int) -> Iterator[IO[bytes]]:
        # Path.open takes no opener
        with open(self.path, mode, opener=_private) as file:
            fcntl.flock(file, lock)
            yield file

    def _head(self, file: IO[bytes]) -> Head:
        """Give the end of the chain: our own last append if nothing came since, else by a full check."""
        size = file.seek(0, os.SEEK_END)
        if self._known is not None and self._known[0] == size:
            return self._known[1]
        file.seek(0)
        records = list(_read(file, self.path))
        self._check(records, self._kept())
        return Head(records[-1].seq, records[-1].hash) if records else Head(0, _START)

    def _check(self, records: list[Record], kept: Head) -> None:
        """Raise `JournalBroken` unless the records still hold the one that was the last before."""
        if kept.seq == 0:
            return
        if len(records) < kept.seq:
            _broken(
                self.path,
                len(records) + 1,
                f"is missing: {kept.seq} records were here before. Restore the journal from your backup, together "
                f"with {self.head_path.name}",
            )
        if records[kept.seq - 1].hash != kept.hash:
            _broken(self.path, kept.seq, "is not the one that was here before")

    def _kept(self) -> Head:
        """Read the head that was kept beside the journal."""
        try:
            match = _HEAD.fullmatch(self.head_path.read_text("ascii"))
        except FileNotFoundError:
            return Head(0, _START)
        except ValueError:
            match = None
        if match is None:
            raise JournalBroken(f"{self.head_path.name}: can't be read; restore it from your backup with the journal")
        return Head(int(match[1]), match[2])

    def _keep(self, head: Head) -> None:
        """Keep the head beside the journal, whole or not at all."""
        making = self.head_path.with_name(f"{self.head_path.name}.new")
        with open(making, "w", encoding="ascii", opener=_private) as file:
            file.write(f"{head.seq} {head.hash}\n")
            file.flush()
            os.fsync(file.fileno())
        making.replace(self.head_path)


def _canonical(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _seal(head: Head, kind: str, body: Mapping[str, Any], at: datetime) -> tuple[bytes, Record]:
    moment = at.astimezone(UTC)
    fields = {
        "seq": head.seq + 1,
        "at": moment.isoformat(timespec="microseconds"),
        "kind": kind,
        "body": dict(body),
        "prev": head.hash,
    }
    try:
        sealed = hashlib.sha256(_canonical(fields)).hexdigest()
    except (TypeError, ValueError) as error:
        raise UsageError(f"a journal record must be JSON: {error}") from None
    line = _canonical({**fields, "hash": sealed}) + b"\n"
    return line, Record(head.seq + 1, moment, kind, dict(body), head.hash, sealed)


def _read(file: IO[bytes], path: Path) -> Iterator[Record]:
    before = Head(0, _START)
    for line in file:
        record = _open(line, before, path)
        yield record
        before = Head(record.seq, record.hash)


def _open(line: bytes, before: Head, path: Path) -> Record:
    """Check one line against the record before it."""
    seq = before.seq + 1
    if not line.endswith(b"\n"):
        _broken(
            path,
            seq,
            "is incomplete: its writer was probably interrupted; the records before it are whole. Run: "
            "graphmatch doctor --recover-journal, which moves the fragment into a file beside the journal, and say "
            "it again",
        )
    try:
        fields = json.loads(line)
        claimed = fields.pop("hash")
        is_canonical = _canonical({**fields, "hash": claimed}) + b"\n" == line
        sealed = hashlib.sha256(_canonical(fields)).hexdigest()
        at, kind, body = datetime.fromisoformat(fields["at"]), fields["kind"], fields["body"]
        number, prev = fields["seq"], fields["prev"]
    except (ValueError, KeyError, TypeError, AttributeError):
        _broken(path, seq, "can't be read")
    if not is_canonical or sealed != claimed:
        _broken(path, seq, "was changed")
    if number != seq or prev != before.hash:
        _broken(path, seq, "does not follow the one before: a record was dropped, added or moved")
    return Record(number, at, kind, body, prev, claimed)


def _broken(path: Path, seq: int, why: str) -> NoReturn:
    raise JournalBroken(f"{path.name}: record {seq} {why}")


def _judgement(body: Mapping[str, Any]) -> dict[str, str]:
    """Bring a judgement into its one form, ``left`` < ``right``."""
    given = {name: str(body.get(name) or "").strip() for name in ("left", "right", "judgement", "analyst", "reason")}
    given["analyst"] = given["analyst"] if analyst_key(given["analyst"]) else ""
    if missing := [name for name, value in given.items() if not value]:
        raise UsageError(f"a judgement needs its {missing[0]}")
    if given["judgement"] not in set(Judgement):
        raise UsageError(f"a judgement is one of {', '.join(Judgement)}")
    if given["left"] == given["right"]:
        raise UsageError("a judgement is about two accounts; these are the same one")
    given["left"], given["right"] = sorted((given["left"], given["right"]))
    return given


def _private(name: str, flags: int) -> int:
    """Open a file that, if it is new, nobody but its owner may read."""
    return os.open(name, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Make a new or renamed file outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
