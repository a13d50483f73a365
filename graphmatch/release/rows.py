"""The two tables of a bundle, and how they become CSV and Parquet. Pure."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Sequence
from hashlib import sha256

import polars as pl

from graphmatch.estimative import BANDS, words
from graphmatch.model import Standing
from graphmatch.release.cases import Case, Side
from graphmatch.release.identity import address, public_url
from graphmatch.tables import TEXTS, TIME

#: The root of every id that a bundle makes up.
NAMESPACE = uuid.UUID("5f1c7a0e-8d0b-5f0c-9a56-1f2d8f0f6b11")

LINKS: dict[str, pl.DataType | type[pl.DataType]] = {
    "link_id": pl.String,
    "platform": pl.String,
    "instance": pl.String,
    "native_id": pl.String,
    "handle": pl.String,
    "linked_platform": pl.String,
    "linked_instance": pl.String,
    "linked_handle": pl.String,
    "linked_url": pl.String,
    "likelihood": pl.String,
    "standing": pl.String,
    "families": TEXTS,
    "assessed_as": TEXTS,
    "reported_as": TEXTS,
    "confirmed_by": TEXTS,
}
MIGRATIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "migration_id": pl.String,
    "link_id": pl.String,
    "kind": pl.String,
    "direction": pl.String,
    "platform": pl.String,
    "native_id": pl.String,
    "handle": pl.String,
    "other_platform": pl.String,
    "other_handle": pl.String,
    "left_earliest": TIME,
    "left_latest": TIME,
    "arrived_earliest": TIME,
    "arrived_latest": TIME,
}
#: Columns that hold what people chose to be called; every other one holds words of ours.
CHOSEN = frozenset({"native_id", "handle", "linked_handle", "linked_url", "other_handle"})
#: Columns that differ from release to release though nothing changed.
PER_RELEASE = ("confirmed_by",)

#: What opens a formula in a spreadsheet, also in full width.
_FORMULA = r"^(\s*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20])"
_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


def confidence(word: str) -> int:
    """Give the middle of a likelihood's band in per cent, for formats that want a number."""
    bounds = [*(band.lowest for band in BANDS), 1.0]
    place = [band.words for band in BANDS].index(word)
    return int(50 * (bounds[place] + bounds[place + 1]))


def made_id(*parts: str) -> str:
    """Make an id that is the same whenever it is made of the same parts."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


def links(cases: Iterable[Case], workspace: str, release_id: str) -> pl.DataFrame:
    """Make the ``links`` table: one row for each of the recipient's accounts in a pair (both, if both are theirs)."""
    cases = list(cases)
    pseudonyms = _pseudonyms(cases, release_id)
    rows = [
        _link(case, own, other, workspace, pseudonyms)
        for case in cases
        for own, other in ((case.left, case.right), (case.right, case.left))
        if own.theirs
    ]
    return pl.DataFrame(rows, schema=LINKS, orient="row").sort("link_id", "platform", "instance", "native_id")


def migrations(cases: Iterable[Case], found: pl.DataFrame, workspace: str) -> pl.DataFrame:
    """Make the ``migrations`` table: the moves between the accounts of each pair, from the recipient's side."""
    sides = {frozenset((c.left.account_id, c.right.account_id)): c for c in cases}
    rows = []
    for row in found.iter_rows(named=True):
        case = sides.get(frozenset((row["origin_account_id"], row["destination_account_id"])))
        if case is not None:
            rows.append(_migration(row, case, workspace))
    return pl.DataFrame(rows, schema=MIGRATIONS, orient="row").sort("migration_id")


def placeholders() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make both tables with one row each that holds nothing but words of ours."""
    link_id = made_id("placeholder")
    link: dict[str, object] = {name: ["-"] if dtype == TEXTS else "-" for name, dtype in LINKS.items()}
    link |= {"link_id": link_id, "likelihood": BANDS[-1].words}
    move: dict[str, object] = {name: None if dtype == TIME else "-" for name, dtype in MIGRATIONS.items()}
    move |= {"migration_id": link_id, "link_id": link_id}
    return pl.DataFrame([link], schema=LINKS), pl.DataFrame([move], schema=MIGRATIONS)


def to_csv(rows: pl.DataFrame, *, bom: bool) -> bytes:
    """Write rows for a spreadsheet: text quoted, lists joined by ``; ``, times in ISO 8601.

    A cell that a spreadsheet would take for a formula is preceded by ``'``; Parquet has it as it is.
    """
    texts = pl.col(pl.String).str.replace(_FORMULA, "'${1}")
    flat = rows.with_columns(
        *(pl.col(name).list.join("; ") for name, dtype in rows.schema.items() if dtype == TEXTS),
        *(pl.col(name).dt.strftime(_ISO) for name, dtype in rows.schema.items() if dtype == TIME),
    ).with_columns(texts)
    text = flat.write_csv(quote_style="non_numeric", include_bom=bom)
    return text.encode("utf-8")


def to_parquet(rows: pl.DataFrame) -> bytes:
    """Write rows with their types, uncompressed, so that what is in the file can be searched for."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="uncompressed")
    return buffer.getvalue()


def _link(
    case: Case, own: Side, other: Side, workspace: str, pseudonyms: dict[str, str]
) -> tuple[str | list[str] | None, ...]:
    return (
        _link_id(case, workspace),
        own.platform,
        own.instance,
        own.native_id,
        own.handle,
        other.platform,
        other.instance,
        other.handle,
        public_url(other.url, other.instance),
        words(case.probability),
        Standing.CONFIRMED.value,
        sorted(case.families),
        list(own.assessed_as),
        list(own.reported_as),
        sorted(pseudonyms[analyst] for analyst in case.positive),
    )


def _link_id(case: Case, workspace: str) -> str:
    return made_id("link", workspace, case.left.account_id, case.right.account_id)


def _migration(row: dict[str, object], case: Case, workspace: str) -> tuple[object, ...]:
    by_id = {side.account_id: side for side in case.sides}
    origin, destination = by_id[str(row["origin_account_id"])], by_id[str(row["destination_account_id"])]
    own, other = (destination, origin) if destination.theirs else (origin, destination)
    direction = "within" if other.theirs else "arrived" if own is destination else "left"
    return (
        made_id("migration", workspace, str(row["migration_id"])),
        _link_id(case, workspace),
        row["kind"],
        direction,
        own.platform,
        own.native_id,
        own.handle,
        other.platform,
        address(other.handle, other.instance),
        row["left_earliest"],
        row["left_latest"],
        row["arrived_earliest"],
        row["arrived_latest"],
    )


def _pseudonyms(cases: Sequence[Case], release_id: str) -> dict[str, str]:
    """Give the analysts numbers, in an order that their names don't tell and that holds for this release alone.

    A digest of a name could be guessed from a staff list; a number can't.
    """
    analysts = {analyst for case in cases for analyst in case.positive}
    ordered = sorted(analysts, key=lambda name: sha256(f"{release_id}\x1f{name}".encode()).digest())
    return {name: f"analyst-{place}" for place, name in enumerate(ordered, start=1)}
