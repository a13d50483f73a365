"""The tables that an index is made from or brought up to date with, and what of them has changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypedDict

import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link import stand
from graphmatch.link.activity import with_activity
from graphmatch.link.traits import SETS, TEXT_COLUMNS, shown

#: Columns of accounts that anything is worked out from.
OWN = (
    "account_id", "platform", "dataset", "instance", *TEXT_COLUMNS, "created_at", "created_at_precision",
    "last_active", "first_observed_at",
)  # fmt: skip
KINDS = [kind.value for kinds in SETS.values() for kind in kinds]
ACTIVITY = ("arrived_earliest", "arrived_latest", "removals", "communities", "hours")
MARKS = ("is_target", "like_target", "reported_copy")


class Tables(TypedDict, total=False):
    """What may be given beside the accounts; see `graphmatch.link.link`."""

    sightings: pl.DataFrame | None
    reports: pl.DataFrame | None
    claims: pl.DataFrame | None
    targets: pl.DataFrame | None
    contents: pl.DataFrame | None
    enforcements: pl.DataFrame | None


@dataclass(frozen=True, slots=True)
class Given:
    """The tables, as `graphmatch.link.link` takes them."""

    accounts: pl.DataFrame
    sightings: pl.DataFrame | None = None
    reports: pl.DataFrame | None = None
    claims: pl.DataFrame | None = None
    targets: pl.DataFrame | None = None
    contents: pl.DataFrame | None = None
    enforcements: pl.DataFrame | None = None

    def shape(self) -> dict[str, list[str]]:
        """Say which tables there are, and which columns the accounts have: what two runs must have in common."""
        there = [one.name for one in fields(self) if getattr(self, one.name) is not None]
        columns = [name for name in (*OWN, "native_id") if name in self.accounts.columns]
        return {"tables": there, "columns": columns}

    def only(self, ids: pl.Series) -> Given:
        """Keep what is of some accounts, by ``account_id``, in the tables that traits are made from."""
        of = pl.col("account_id").is_in(ids.implode())
        parts = (None if table is None else table.filter(of) for table in (self.accounts, self.sightings, self.reports))
        accounts, sightings, reports = parts
        return Given(self.accounts.clear() if accounts is None else accounts, sightings, reports)

    def ids(self) -> pl.DataFrame:
        """Give ``account_id`` and ``id`` (its hash) of the accounts, in their order."""
        made = self.accounts.select("account_id", pl.col("account_id").hash().alias("id"))
        if made["account_id"].null_count() or made["id"].n_unique() < made.height:
            raise RejectedTable("table 'accounts': an 'account_id' is null, or stands in two rows")
        return made

    def shown(self) -> pl.DataFrame:
        """Work out what the accounts show."""
        return shown(self.accounts, self.sightings, self.reports)

    def digests(self) -> pl.DataFrame:
        """Give a number for all that each account shows, two of different accounts or contents never the same.

        Returns
        -------
        polars.DataFrame
            ``account_id, id`` (its hash), ``digest``, in the order of the accounts.
        """
        accounts = self.accounts
        own = accounts.select(name for name in OWN if name in accounts.columns).hash_rows()
        made = self.ids().with_columns(own.alias("digest"))
        for more in (_seen(self.sightings), _aimed(self.reports)):
            added = made.select("id").join(more, on="id", how="left", maintain_order="left")["more"].fill_null(0)
            made = made.with_columns(pl.col("digest") + added)
        return made

    @property
    def state_columns(self) -> list[str]:
        """Name what `states` gives."""
        return ["names_others", *(ACTIVITY if self.active else ()), *(MARKS if self.marking else ())]

    def states(self, accounts: pl.DataFrame, naming: pl.Series) -> pl.DataFrame:
        """Give what depends on more than an account's own rows: `state_columns`.

        Parameters
        ----------
        accounts
            ``account_id`` and, if marks are known, ``platform, handle, skeleton, name``.
        naming
            Whether each names others.
        """
        made = [naming.alias("names_others").to_frame()]
        if self.active:
            made.append(self.activity(accounts))
        if self.marking:
            made.append(stand.marked(accounts, self.targets, self.reports).select(MARKS))
        return pl.concat(made, how="horizontal")

    def activity(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """Give `ACTIVITY` of ``accounts``, in their order."""
        ids = accounts.select("account_id")
        return with_activity(ids, self.accounts, self.contents, self.reports, self.enforcements).select(ACTIVITY)

    @property
    def active(self) -> bool:
        """Whether tables tell of accounts' activity."""
        return any(table is not None for table in (self.contents, self.reports, self.enforcements))

    @property
    def marking(self) -> bool:
        """Whether tables tell of targets and of copies of them."""
        return self.targets is not None or self.reports is not None


def _seen(sightings: pl.DataFrame | None) -> pl.DataFrame:
    if sightings is None:
        return _NOTHING
    known = sightings.filter(pl.col("kind").is_in(KINDS))
    shown = known.select(name for name in ("kind", "value", "context") if name in known.columns)
    return _summed(known["account_id"], shown.hash_rows(seed=1))


def _aimed(reports: pl.DataFrame | None) -> pl.DataFrame:
    if reports is None:
        return _NOTHING
    known = reports.select("account_id", "target_ids").drop_nulls("account_id")
    return _summed(known["account_id"], known.select("target_ids").hash_rows(seed=2))


def _summed(ids: pl.Series, hashes: pl.Series) -> pl.DataFrame:
    """Add up, modulo 2^64, the hashes of each account: their order plays no part."""
    return pl.DataFrame([ids.hash().alias("id"), hashes.alias("more")]).group_by("id").agg(pl.col("more").sum())


_NOTHING = pl.DataFrame(schema={"id": pl.UInt64, "more": pl.UInt64})
