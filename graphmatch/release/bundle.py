"""`release`: from tables to a folder that holds one recipient's part.

All is made and checked in memory, then written at once: a bundle is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.release import rows, stix
from graphmatch.release.cases import Case, gather
from graphmatch.release.gate import RULES, RULES_VERSION, Protected, not_confirmed, reports_for_police, select
from graphmatch.release.identity import address
from graphmatch.release.previous import Previous
from graphmatch.release.prose import readme
from graphmatch.release.recipient import Recipient, folder_name
from graphmatch.release.redact import Forbidden, assert_clean
from graphmatch.release.verify import MANIFEST, SUMS, read_manifest, sums

SCHEMA_VERSION = 1
STIX = "bundle.stix.json"
README = "README.md"
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
    """Make the bundle ``<out>/<recipient>/<period>/``.

    Parameters
    ----------
    tables
        Whole tables by name: at least those in `NEEDED`, and ``enforcements`` if there are any.
    judgements
        The journal's judgements. Who confirmed is worked out from them, never read off a Match.
    made_at
        An aware time; it is the only thing in a bundle that does not come from the data.
    workspace
        The name of whoever releases. It is the author in STIX, and ids are made from it: keep it.
    previous
        An earlier bundle of the same recipient, to say what was added and withdrawn since (see `previous_of`).
    contact
        Where a recipient asks for a withdrawal.
    replace
        Put the bundle in the place of another one of the same period.

    Returns
    -------
    ReleaseResult
        Of the bundle on disk. The same inputs give the same bytes. Where one is there that differs by ``made_at``
        alone, it stays as it is.

    Raises
    ------
    UsageError
        The recipient's or period's name can't be a folder's, the time is naive, or the period is there and differs.
    ReleaseRefused
        A file would hold what must never leave, or the previous bundle is damaged. Nothing was written.
    """
    folder_name("period", period)
    if made_at.utcoffset() != timedelta(0):
        raise UsageError("the time of a release must be in UTC")
    if missing := [name for name in NEEDED if name not in tables]:
        raise UsageError(f"a release needs the table {missing[0]!r}")
    earlier = Previous.none() if previous is None else Previous.read(previous, recipient, workspace)
    cover = _Cover(recipient, workspace, period, contact, made_at, earlier)
    draft = _draft(cover, tables, judgements)
    directory = out / recipient.name / period
    standing = _standing(directory, draft)
    if standing is not None:
        return standing
    if directory.exists() and not replace:
        raise UsageError(f"{directory} is there already and differs; say --replace, or name another period")
    files = draft.files()
    forbidden = draft.beside(Forbidden.of(tables))
    for name, content in files.items():
        assert_clean(name, content, forbidden)
    _write(directory, files)
    return draft.result(directory, files)


@dataclass(frozen=True, slots=True)
class _Cover:
    """What is said around a bundle's rows."""

    recipient: Recipient
    workspace: str
    period: str
    contact: str
    made_at: datetime
    previous: Previous

    @property
    def release_id(self) -> str:
        who = self.recipient
        return rows.made_id("release", self.workspace, who.name, who.platform, who.instance or "", self.period)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A bundle before it is written."""

    cover: _Cover
    cases: tuple[Case, ...]
    links: pl.DataFrame
    migrations: pl.DataFrame
    withheld: dict[str, int]

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        return {"links": self.links, "migrations": self.migrations}

    def files(self) -> dict[str, bytes]:
        """Make every file of the bundle, by name."""
        files: dict[str, bytes] = {}
        for name, table in self.tables.items():
            files[f"{name}.csv"] = rows.to_csv(table, bom=self.cover.recipient.csv_bom)
            files[f"{name}.parquet"] = rows.to_parquet(table)
        files[STIX] = self._stix()
        files[README] = self._readme().encode()
        files[MANIFEST] = self._manifest(files)
        hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
        files[SUMS] = sums(hashes)
        return files

    def beside(self, forbidden: Forbidden) -> Forbidden:
        """Say what may stand in these files: the same bundle with placeholders, words of ours, servers, and handles."""
        links, migrations = rows.placeholders()
        without = changed(
            self,
            cover=changed(self.cover, previous=Previous.none()),
            cases=(),
            links=links,
            migrations=migrations,
            withheld={rule.__name__: 0 for rule in (*RULES, reports_for_police)},
        )
        texts = [content.decode("utf-8-sig") for name, content in without.files().items() if name[-8:] != ".parquet"]
        for table in self.tables.values():
            ours = table.select(pl.selectors.string() - pl.selectors.by_name(*rows.CHOSEN, require_all=False))
            texts += [value for column in ours for value in column.drop_nulls().unique()]
        sides = [side for case in self.cases for side in case.sides]
        texts += [label for side in sides for label in (*side.assessed_as, *side.reported_as)]
        texts += [
            urlsplit(text).netloc for side in sides for text in (side.url, side.native_id) if text and "://" in text
        ]
        handles = [name for s in sides if (name := address(s.handle, s.instance)) is not None and "@" in name]
        handles += [s.native_id for s in sides if "@" in s.native_id]
        return forbidden.beside("\n".join(texts), handles)

    def result(self, directory: Path, files: Mapping[str, bytes], *, unchanged: bool = False) -> ReleaseResult:
        return ReleaseResult(
            directory=directory,
            files=tuple(sorted(files)),
            rows={name: table.height for name, table in self.tables.items()},
            withheld=self.withheld,
            changes=self.cover.previous.changes(self.tables),
            sha256=sha256(files[SUMS]).hexdigest(),
            unchanged=unchanged,
        )

    def _stix(self) -> bytes:
        writer = stix.Writer(
            workspace=self.cover.workspace,
            marking=self.cover.recipient.marking,
            made_at=self.cover.made_at,
            created=self.cover.previous.created,
        )
        title = f"Suspected links for {self.cover.recipient.name}, {self.cover.period}"
        return writer.write(self.links, self.migrations, self.cover.release_id, title)

    def _readme(self) -> str:
        return readme(
            recipient=self.cover.recipient.name,
            place=self.cover.recipient.instance or self.cover.recipient.platform,
            period=self.cover.period,
            marking=self.cover.recipient.marking,
            rows={name: table.height for name, table in self.tables.items()},
            withheld=self.withheld,
            contact=self.cover.contact,
        )

    def _manifest(self, files: Mapping[str, bytes]) -> bytes:
        heights = {name: table.height for name, table in self.tables.items()}
        manifest: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "release_id": self.cover.release_id,
            "recipient": self.cover.recipient.name,
            "platform": self.cover.recipient.platform,
            "instance": self.cover.recipient.instance,
            "author": self.cover.workspace,
            "period": self.cover.period,
            "made_at": self.cover.made_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "marking": self.cover.recipient.marking,
            "notice": stix.DESCRIPTION,
            "rules_version": RULES_VERSION,
            "withheld": self.withheld,
            "previous": self.cover.previous.reference,
            "changes": self.cover.previous.changes(self.tables),
            "withdrawn": self.cover.previous.withdrawn(self.links),
            "files": {
                name: {
                    "sha256": sha256(files[name]).hexdigest(),
                    "bytes": len(files[name]),
                    "rows": heights.get(name.split(".")[0]),
                }
                for name in sorted(files)
            },
        }
        return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()


def _draft(cover: _Cover, tables: Mapping[str, pl.DataFrame], judgements: pl.DataFrame) -> _Draft:
    cases, unasked = gather(tables, judgements, cover.recipient)
    selection = select(cases, Protected.of(tables["targets"]))
    withheld = dict(selection.withheld)
    if unasked:
        withheld[not_confirmed.__name__] = withheld.get(not_confirmed.__name__, 0) + unasked
    counts = {rule.__name__: withheld[rule.__name__] for rule in RULES if rule.__name__ in withheld}
    if routed := reports_for_police(selection.cases):
        counts[reports_for_police.__name__] = routed
    return _Draft(
        cover=cover,
        cases=selection.cases,
        links=rows.links(selection.cases, cover.workspace, cover.release_id),
        migrations=rows.migrations(selection.cases, tables["migrations"], cover.workspace),
        withheld=counts,
    )


def _standing(directory: Path, draft: _Draft) -> ReleaseResult | None:
    """Give the bundle that is there if, but for the time at which it was made, it is the one to be made."""
    if not (directory / MANIFEST).is_file():
        return None
    try:
        made_at = datetime.fromisoformat(str(read_manifest(directory).get("made_at")))
        again = changed(draft, cover=changed(draft.cover, made_at=made_at))
        files = again.files()
        same = all((directory / name).read_bytes() == content for name, content in files.items())
    except (OSError, ValueError):
        return None
    return again.result(directory, files, unchanged=True) if same else None


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    aside = making / "old" if directory.exists() else None
    try:
        new = making / "new"
        new.mkdir()
        for name, content in files.items():
            with (new / name).open("wb") as file:
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
