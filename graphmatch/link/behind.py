"""What stands behind a bar: which sightings, which statements, which reports. Described, never quoted.

In: what the store holds of the two accounts of a Match. Out: kinds, sources, times and counts of sightings, and ids of
reports; no value of a signal, no HMAC, no handle and no words of a report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from graphmatch.link.stand import IMPERSONATION
from graphmatch.link.traits import canonical_link
from graphmatch.model import COMPARISONS, Family, SignalKind
from graphmatch.normalise import handles

_NAMES = (SignalKind.HANDLE, SignalKind.DISPLAY_NAME)
_CONTACTS = (SignalKind.EMAIL_HMAC, SignalKind.PHONE_HMAC, SignalKind.DEVICE_HMAC)
_PICTURES = (SignalKind.AVATAR, SignalKind.AVATAR_HASH)
#: The signals that a comparison is made from.
KINDS: dict[str, tuple[SignalKind, ...]] = {
    "handle": (SignalKind.HANDLE,),
    "display_name": (SignalKind.DISPLAY_NAME,),
    "bio": (SignalKind.BIO,),
    "link": (SignalKind.LINK,),
    "location": (SignalKind.LOCATION,),
    "avatar": _PICTURES,
    "contact": _CONTACTS,
    "network": (SignalKind.IP_HMAC,),
}
#: The signals of a comparison that is not named above, by its family. Behaviour is seen in reports, not in profiles.
FAMILY_KINDS: dict[Family, tuple[SignalKind, ...]] = {
    Family.DECLARED: (SignalKind.DECLARED, SignalKind.LINK),
    Family.CONTACT: (*_CONTACTS, SignalKind.IP_HMAC),
    Family.NAMING: _NAMES,
    Family.SELF_DESCRIPTION: (SignalKind.BIO, SignalKind.LINK, SignalKind.LOCATION, *_PICTURES),
    Family.BEHAVIOUR: (),
}
#: Signals of which an account may have several: what both accounts have is what stands behind an agreement.
_SETS = frozenset({SignalKind.LINK, *_PICTURES, *_CONTACTS, SignalKind.IP_HMAC})


@dataclass(frozen=True, slots=True)
class Seen:
    """Sightings of one kind on one account in one source: how many values, and from when to when."""

    account_id: str
    kind: str
    context: str
    source: str
    first_seen: datetime | None
    last_seen: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Stated:
    """Somebody's statements that this account and another have one operator: by whom, how often, first when."""

    account_id: str
    asserted_by: str
    first_asserted: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one bar. ``reports`` are ids, sorted."""

    sightings: tuple[Seen, ...] = ()
    statements: tuple[Stated, ...] = ()
    reports: tuple[str, ...] = ()


def kinds_of(name: str) -> tuple[SignalKind, ...]:
    """List the signals that a comparison is made from."""
    return KINDS[name] if name in KINDS else FAMILY_KINDS[COMPARISONS[name]]


def evidence_behind(
    name: str,
    sightings: pl.DataFrame,
    reports: pl.DataFrame,
    *,
    claims: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
) -> Behind:
    """Find what stands behind a comparison of two accounts.

    Parameters
    ----------
    name
        A comparison of `graphmatch.model.COMPARISONS`; or ``imitation``, behind which stand reports of impersonation.
        Any other name (the prior, a family's discount) has nothing behind it.
    sightings
        Rows of table ``sightings`` of the two accounts, those in force.
    reports
        Rows of table ``reports`` on the two accounts. Behind behaviour stand those that share a target with one on the
        other account; behind anything else those in which its sightings and statements were first seen. If there
        are none such, all of them.
    claims
        Rows of table ``link_claims`` of the two accounts, those in force.
    accounts
        Their two rows of table ``accounts``: tells which declarations and claims name the other account. Without it all
        count.
    """
    if name == "imitation":
        accused = (pl.col("category_reported") == IMPERSONATION) | (pl.col("category_assessed") == IMPERSONATION)
        return Behind(reports=_ids(reports.filter(accused.fill_null(value=False))["report_id"]))
    if name not in COMPARISONS:
        return Behind()
    if COMPARISONS[name] is Family.BEHAVIOUR:
        shared = _aimed_alike(reports)
        return Behind(reports=_ids((shared if shared.height else reports)["report_id"]))
    seen, said = _seen(name, sightings), pl.DataFrame()
    if COMPARISONS[name] is Family.DECLARED:
        seen, said = _declared(seen, claims, accounts)
    named = [part["report_id"] for part in (seen, said) if part.height]
    ids = _ids(pl.concat(named)) if named else ()
    return Behind(_summed_up(seen), _statements(said), ids or _ids(reports["report_id"]))


def _ids(column: pl.Series) -> tuple[str, ...]:
    return tuple(column.drop_nulls().unique().sort())


def _aimed_alike(reports: pl.DataFrame) -> pl.DataFrame:
    """Keep the reports on either account that aim at a target which a report on the other aims at too."""
    aimed = reports.select("report_id", "account_id", pl.col("target_ids").alias("target")).explode(
        "target", keep_nulls=False, empty_as_null=False
    )
    both = aimed.group_by("target").agg(pl.col("account_id").n_unique().alias("sides")).filter(pl.col("sides") > 1)
    return reports.join(aimed.join(both, on="target", how="semi"), on="report_id", how="semi")


def _seen(name: str, sightings: pl.DataFrame) -> pl.DataFrame:
    kinds = kinds_of(name)
    posted = (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") == "message")
    rows = sightings.filter(pl.col("kind").is_in([kind.value for kind in kinds]) & ~posted)
    if not set(kinds) <= _SETS:
        return rows
    spelled = [
        canonical_link(value) or value if kind == SignalKind.LINK.value else value
        for kind, value in rows.select("kind", "value").iter_rows()
    ]
    rows = rows.with_columns(pl.Series("spelled", spelled, dtype=pl.String))
    both = rows.group_by("kind", "spelled").agg(pl.col("account_id").n_unique().alias("sides"))
    shared = rows.join(both.filter(pl.col("sides") > 1), on=["kind", "spelled"], how="semi")
    return shared if shared.height else rows


def _declared(
    seen: pl.DataFrame, claims: pl.DataFrame | None, accounts: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split what names the other account into sightings and claims; without any, declarations of others were seen."""
    named = _naming_the_other(seen, accounts)
    said = pl.DataFrame()
    if claims is not None:
        said = _naming_the_other(claims.rename({"claimed_handle": "value"}), accounts)
    if not named.height and not said.height:
        named = seen.filter(pl.col("kind") == SignalKind.DECLARED.value)
    return named, said


def _naming_the_other(rows: pl.DataFrame, accounts: pl.DataFrame | None) -> pl.DataFrame:
    """Keep the rows of an account whose ``value`` names the other: its id, its handle or its address."""
    if accounts is None:
        return rows
    names = {
        account_id: {account_id.casefold(), _folded(handle or "", platform), canonical_link(url or "")} - {None, ""}
        for account_id, platform, handle, url in accounts.select("account_id", "platform", "handle", "url").iter_rows()
    }
    platforms = dict(accounts.select("account_id", "platform").iter_rows())
    keep = []
    for account_id, value in rows.select("account_id", "value").iter_rows():
        others = [other for other in names if other != account_id]
        last = value.rstrip("/").replace("/", ":").rpartition(":")[2]
        keep.append(
            any(
                names[other] & {value.casefold(), canonical_link(value), _folded(last, platforms[other])}
                for other in others
            )
        )
    return rows.filter(pl.Series(keep, dtype=pl.Boolean))


def _folded(handle: str, platform: str) -> str:
    return handles.squash(handles.fold(handle, platform))


def _summed_up(rows: pl.DataFrame) -> tuple[Seen, ...]:
    by = ["account_id", "kind", "context", "source"]
    grouped = rows.group_by(by).agg(
        pl.col("first_seen").min(), pl.col("last_seen").max(), pl.col("value").n_unique().alias("count")
    )
    return tuple(Seen(**row) for row in grouped.sort(by).iter_rows(named=True))


def _statements(rows: pl.DataFrame) -> tuple[Stated, ...]:
    if not rows.height:
        return ()
    by = ["account_id", "asserted_by"]
    grouped = rows.group_by(by).agg(
        pl.col("asserted_at").min().alias("first_asserted"), pl.col("claim_id").n_unique().alias("count")
    )
    return tuple(Stated(**row) for row in grouped.sort(by).iter_rows(named=True))
