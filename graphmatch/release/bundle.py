"""`release`: from tables to a folder that holds one recipient's part.

All is made and checked in memory, then written at once: a bundle is there whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.release.draft import Cover, Draft, draft
from graphmatch.release.previous import Previous
from graphmatch.release.recipient import Recipient, folder_name
from graphmatch.release.redact import Forbidden, assert_clean
from graphmatch.release.terms import Terms
from graphmatch.release.verify import MANIFEST, SUMS, read_manifest

NEEDED = ("accounts", "sightings", "reports", "targets", "matches", "migrations")


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """A bundle that is on disk.

    ``rows`` counts by table. ``withheld`` counts the pairs held back by the rule that did and, under
    ``reports_for_police``, the reports about released accounts that go another way. ``changes`` counts the rows against
    the previous bundle. ``sha256`` is that of the bundle's ``SHA256SUMS``: it stands for every byte, so a journal needs
    no more. ``unchanged`` says that the very same bundle was there already.
    """

    directory: Path
    files: tuple[str, ...]
    rows: dict[str, int]
    withheld: dict[str, int]
    changes: dict[str, dict[str, int]]
    sha256: str
    unchanged: bool = False


def release(  # noqa: PLR0913 - all but the first two are by keyword, and each is said once, at the door
    tables: Mapping[str, pl.DataFrame],
    judgements: pl.DataFrame,
    *,
    recipient: Recipient,
    out: Path,
    period: str,
    made_at: datetime,
    workspace: str = "graphmatch",
    previous: Path | None = None,
    contact: str = "",
    replace: bool = False,
) -> ReleaseResult:
    """Make the bundle ``<out>/<recipient>/<period>/``; the same inputs give the same bytes.

    Parameters
    ----------
    tables, judgements
        Whole tables by name, those in `NEEDED` and ``enforcements``; and the journal's judgements. Who confirmed is
        worked out from them, never read off a Match.
    made_at
        In UTC; the only thing in a bundle that does not come from the data. Where a bundle is there that differs by
        it alone, that one stays.
    workspace, contact
        Who releases (the author in STIX; link ids are made from it, so keep it), and where to ask for a withdrawal.
    previous
        An earlier bundle of the same recipient, to say what was added and withdrawn since (see `previous_of`).
    replace
        Put the bundle in the place of another one of the same period.

    Raises
    ------
    UsageError
        A name can't be a folder's or says a target's, the time is not UTC, or the period is there and differs.
    ReleaseRefused
        A file would hold what must never leave, or the previous bundle is damaged. Nothing was written.
    """
    earlier = Previous.none() if previous is None else Previous.read(previous, recipient, workspace)
    cover = Cover(recipient, workspace, period, contact, made_at, earlier)
    _check(cover, tables)
    drafted = draft(cover, tables, judgements)
    directory = out / recipient.name / period
    standing = _standing(directory, drafted)
    if standing is not None:
        return standing
    if directory.exists() and not replace:
        raise UsageError(f"{directory} is there already and differs; say --replace, or name another period")
    files = drafted.files()
    forbidden = drafted.beside(Forbidden.of(tables))
    for name, content in files.items():
        assert_clean(name, content, forbidden)
    _write(directory, files)
    return _result(drafted, directory, files)


def _check(cover: Cover, tables: Mapping[str, pl.DataFrame]) -> None:
    folder_name("period", cover.period)
    if cover.made_at.utcoffset() != timedelta(0):
        raise UsageError("the time of a release must be in UTC")
    if missing := [name for name in NEEDED if name not in tables]:
        raise UsageError(f"a release needs the table {missing[0]!r}")
    said = "\n".join((cover.recipient.name, cover.period, cover.workspace, cover.contact))
    if Terms(tables["targets"]["name"].drop_nulls()).in_text(said):
        raise UsageError("the recipient, period, workspace or contact says a target's name; call it something else")


def _result(drafted: Draft, directory: Path, files: Mapping[str, bytes], *, unchanged: bool = False) -> ReleaseResult:
    return ReleaseResult(
        directory=directory,
        files=tuple(sorted(files)),
        rows={name: table.height for name, table in drafted.tables.items()},
        withheld=drafted.withheld,
        changes=drafted.cover.previous.changes(drafted.tables),
        sha256=sha256(files[SUMS]).hexdigest(),
        unchanged=unchanged,
    )


def _standing(directory: Path, drafted: Draft) -> ReleaseResult | None:
    """Give the bundle that is there if, but for the time at which it was made, it is the one to be made."""
    if not (directory / MANIFEST).is_file():
        return None
    try:
        made_at = datetime.fromisoformat(str(read_manifest(directory).get("made_at")))
        again = changed(drafted, cover=changed(drafted.cover, made_at=made_at))
        files = again.files()
        same = all((directory / name).read_bytes() == content for name, content in files.items())
    except (OSError, ValueError):
        return None
    return _result(again, directory, files, unchanged=True) if same else None


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    aside = making / "old" if directory.exists() else None
    try:
        new = making / "new"
        new.mkdir(mode=0o700)
        for name, content in files.items():
            # It names accounts: who may read it is for whoever hands it over to say.
            with open(new / name, "wb", opener=_private) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        if aside is not None:
            directory.rename(aside)
        new.rename(directory)
    except OSError:
        if aside is not None and aside.exists():
            aside.rename(directory)
        raise
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
