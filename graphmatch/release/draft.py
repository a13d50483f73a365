"""A bundle before it is on disk: what is said around its rows, its rows, and every file made of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from graphmatch.release import rows, stix
from graphmatch.release.cases import Case, gather
from graphmatch.release.gate import RULES, RULES_VERSION, Protected, not_confirmed, reports_for_police, select
from graphmatch.release.identity import address
from graphmatch.release.previous import Previous
from graphmatch.release.prose import readme
from graphmatch.release.recipient import Recipient
from graphmatch.release.redact import Forbidden
from graphmatch.release.verify import MANIFEST, SUMS, sums

SCHEMA_VERSION = 1
STIX = "bundle.stix.json"
README = "README.md"


@dataclass(frozen=True, slots=True)
class Cover:
    """What is said around a bundle's rows."""

    recipient: Recipient
    workspace: str
    period: str
    contact: str
    made_at: datetime
    previous: Previous

    @property
    def release_id(self) -> str:
        """The id that is made anew for each recipient and period."""
        who = self.recipient
        return rows.made_id("release", self.workspace, who.name, who.platform, who.instance or "", self.period)


@dataclass(frozen=True, slots=True)
class Draft:
    """A bundle before it is written."""

    cover: Cover
    cases: tuple[Case, ...]
    links: pl.DataFrame
    migrations: pl.DataFrame
    withheld: dict[str, int]

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Both tables by name."""
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


def draft(cover: Cover, tables: Mapping[str, pl.DataFrame], judgements: pl.DataFrame) -> Draft:
    """Choose what may leave, and put it into the bundle's tables."""
    cases, unasked = gather(tables, judgements, cover.recipient)
    selection = select(cases, Protected.of(tables["targets"]))
    withheld = dict(selection.withheld)
    if unasked:
        withheld[not_confirmed.__name__] = withheld.get(not_confirmed.__name__, 0) + unasked
    counts = {rule.__name__: withheld[rule.__name__] for rule in RULES if rule.__name__ in withheld}
    if routed := reports_for_police(selection.cases):
        counts[reports_for_police.__name__] = routed
    return Draft(
        cover=cover,
        cases=selection.cases,
        links=rows.links(selection.cases, cover.workspace, cover.release_id),
        migrations=rows.migrations(selection.cases, tables["migrations"], cover.workspace),
        withheld=counts,
    )
