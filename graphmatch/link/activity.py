"""When each account came, was taken off its place, and posts: the traits that behaviour is compared by.

In: the traits and the tables that times stand in. Out: the traits with more columns. Times are intervals as everywhere
(``graphmatch.migration`` reads them alike; rooms don't import each other, so a test holds the two readings together).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from graphmatch.model import REMOVALS, Action, Precision, Scope
from graphmatch.tables import TEXTS, TIME

#: Who is taken off more places than this is always just removed from one: another account's creation then says nothing.
MOST_REMOVALS = 12
#: Posts count once an hour, so that one quarrel is no habit; fewer hours, or on fewer days, show none.
LEAST_HOURS, LEAST_DAYS = 10, 3
#: What one account's hours weigh at most: posts of one person are not independent draws, however many there are.
MOST_HOURS = 60
#: Stands for a community that a ban does not name: no account is known to be in it.
UNNAMED = ""
REMOVAL: dict[str, pl.DataType | type[pl.DataType]] = {
    "removed_earliest": TIME,
    "removed_latest": TIME,
    "until": TIME,
    "community": pl.String,
}
#: The name of a community, from the address or the name by which an enforcement refers to it.
_COMMUNITY = pl.col("scope_ref").str.strip_chars_end("/").str.split("/").list.last().str.to_lowercase()


def with_activity(
    traits: pl.DataFrame,
    accounts: pl.DataFrame,
    contents: pl.DataFrame | None = None,
    reports: pl.DataFrame | None = None,
    enforcements: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add what is known of each account's times; the order of rows stays.

    Parameters
    ----------
    traits
        A row an account, with ``account_id``.
    accounts
        Table ``accounts``. Where it lacks ``created_at_precision``, a creation time counts as a day.
    contents, reports, enforcements
        Tables of those names.

    Returns
    -------
    polars.DataFrame
        The traits with ``arrived_earliest, arrived_latest`` (when the account came into being; an end that nobody
        knows is null), ``removals`` (enforcements that took it off a place and still stand: ``removed_earliest,
        removed_latest, until`` (expiry), ``community`` (null if a whole place)), ``communities`` (those of the ones
        that anybody was banned from in which the account is known to be) and ``hours`` (its posts in each hour of the
        day in UTC, each hour of each day once). Null: not observed.
    """
    contents = None if contents is None else _with_authors(contents, reports)
    made = traits.join(
        _arrivals(accounts, _seen_by(accounts, contents, reports)),
        on="account_id",
        how="left",
        maintain_order="left",
    )
    removals = _removals(enforcements, contents)
    for extra in (_listed(removals), _communities(removals, enforcements, contents), _hours(contents)):
        made = made.join(extra, on="account_id", how="left", maintain_order="left")
    return made


def _with_authors(contents: pl.DataFrame, reports: pl.DataFrame | None) -> pl.DataFrame:
    """Give contents whose author is not stated the one account that reports of them are about."""
    if reports is None:
        return contents
    about = reports.select("account_id", content_id="content_ids").drop_nulls("account_id")
    about = about.explode("content_id", keep_nulls=False, empty_as_null=False).unique()
    about = about.filter(pl.len().over("content_id") == 1).rename({"account_id": "about"})
    joined = contents.join(about, on="content_id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("account_id", "about").alias("account_id")).drop("about")


def _seen_by(accounts: pl.DataFrame, contents: pl.DataFrame | None, reports: pl.DataFrame | None) -> pl.DataFrame:
    """Give the first moment at which each account is known to have been there."""
    moments = [
        accounts.select("account_id", pl.col(name).cast(TIME).alias("seen_by"))
        for name in ("first_observed_at", "last_active")
        if name in accounts.columns and accounts[name].dtype != pl.String
    ]
    if contents is not None:
        moments.append(contents.select("account_id", pl.col("created_at").cast(TIME).alias("seen_by")))
    if reports is not None and "reported_at" in reports.columns:
        moments.append(reports.select("account_id", pl.col("reported_at").cast(TIME).alias("seen_by")))
    none = pl.DataFrame(schema={"account_id": pl.String, "seen_by": TIME})
    return pl.concat([none, *moments]).drop_nulls().group_by("account_id").agg(pl.col("seen_by").min())


def _arrivals(accounts: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Bound when each account was made.

    A ``day`` is that whole day. ``approximate`` times are often of first sight: only upper bounds. An account that
    acted before its creation time has a wrong one.
    """
    known = accounts.select(pl.col("account_id").cast(pl.String), *_creation(accounts))
    known = known.join(seen, on="account_id", how="left")
    at, precision, seen_by = (pl.col(name) for name in ("created_at", "precision", "seen_by"))
    stated = precision.is_not_null() & (precision != Precision.UNKNOWN.value)
    day = pl.duration(days=1)
    first = pl.when(stated & (precision != Precision.APPROXIMATE.value)).then(at)
    last = pl.when(stated).then(pl.when(precision == Precision.DAY.value).then(at + day).otherwise(at))
    return known.select("account_id", "seen_by", first=first, last=last).select(
        "account_id",
        pl.when(seen_by.is_null() | (seen_by >= pl.col("first"))).then("first").alias("arrived_earliest"),
        pl.min_horizontal("last", "seen_by").alias("arrived_latest"),
    )


def _creation(accounts: pl.DataFrame) -> list[pl.Expr]:
    if "created_at" not in accounts.columns:
        return [pl.lit(None, dtype=TIME).alias("created_at"), pl.lit(None, dtype=pl.String).alias("precision")]
    if "created_at_precision" in accounts.columns:
        return [pl.col("created_at").cast(TIME), pl.col("created_at_precision").alias("precision")]
    # A bare list of accounts: nobody says how exact it is, and what every ISO 8601 form begins with is the day.
    texts = accounts["created_at"].dtype == pl.String
    days = pl.col("created_at").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False) if texts else None
    day = (pl.col("created_at").cast(TIME).dt.truncate("1d") if days is None else days).cast(TIME)
    return [day.alias("created_at"), pl.lit(Precision.DAY.value).alias("precision")]


def _removals(enforcements: pl.DataFrame | None, contents: pl.DataFrame | None) -> pl.DataFrame:
    """List the removals that stand and whose time is known. What was lifted counts as a mistake, not as a reason."""
    if enforcements is None:
        return pl.DataFrame(schema={"account_id": pl.String, **REMOVAL})
    rows = enforcements.with_row_index("row")
    if contents is not None:
        author = contents.select("content_id", author="account_id")
        rows = rows.join(author, on="content_id", how="left")
        rows = rows.with_columns(pl.coalesce("account_id", "author").alias("account_id"))
    rows = rows.drop_nulls("account_id")
    removed = rows.filter(pl.col("action").is_in([action.value for action in REMOVALS]))
    removed = removed.filter(pl.col("at_earliest").is_not_null() & pl.col("at_latest").is_not_null())
    lifts = rows.filter(pl.col("action") == Action.ACCOUNT_RESTORED.value)
    both = removed.join(lifts.select("account_id", "scope", "scope_ref", "at_latest"), on="account_id", suffix="_lift")
    elsewhere = (pl.col("scope_lift") == Scope.COMMUNITY.value) & (pl.col("scope_ref") != pl.col("scope_ref_lift"))
    # Where their order is not known, doubt favours the account.
    before = pl.col("at_latest_lift") < pl.col("at_earliest")
    lifted = both.filter(~elsewhere.fill_null(value=False) & ~before.fill_null(value=False))
    return removed.join(lifted, on="row", how="anti").select(
        "account_id",
        pl.col("at_earliest").cast(TIME).alias("removed_earliest"),
        pl.col("at_latest").cast(TIME).alias("removed_latest"),
        pl.col("expires_at").cast(TIME).alias("until"),
        pl.when(pl.col("scope") == Scope.COMMUNITY.value).then(_COMMUNITY.fill_null(UNNAMED)).alias("community"),
    )


def _listed(removals: pl.DataFrame) -> pl.DataFrame:
    order = list(REMOVAL)
    lists = removals.unique().sort("account_id", *order).group_by("account_id", maintain_order=True)
    made = lists.agg(pl.struct(order).alias("removals"))
    return made.filter(pl.col("removals").list.len() <= MOST_REMOVALS)


def _communities(
    removals: pl.DataFrame, enforcements: pl.DataFrame | None, contents: pl.DataFrame | None
) -> pl.DataFrame:
    """Find who is in the communities that anybody was banned from: by what was done to them there, or by posts."""
    known = [removals.select("account_id", "community")]
    if contents is not None:
        # Whatever stands in the path of an address and is called like such a community.
        path = pl.col("url").str.replace(r"^[A-Za-z][A-Za-z0-9+.-]*://", "").str.replace(r"[?#].*$", "")
        parts = contents.select("account_id", path.str.to_lowercase().str.split("/").list.slice(1).alias("community"))
        known.append(parts.explode("community", keep_nulls=False, empty_as_null=False))
    if enforcements is not None:
        there = enforcements.filter(pl.col("scope") == Scope.COMMUNITY.value)
        known.append(there.select("account_id", _COMMUNITY.alias("community")))
    banned = removals.select("community").filter(pl.col("community") != UNNAMED).unique()
    inside = pl.concat(known).drop_nulls().join(banned, on="community", how="semi").unique()
    inside = inside.sort("account_id", "community")
    lists = inside.group_by("account_id", maintain_order=True).agg(pl.col("community").alias("communities"))
    return lists.with_columns(pl.col("communities").cast(TEXTS))


def _hours(contents: pl.DataFrame | None) -> pl.DataFrame:
    """Count each account's posts by the hour of the day, in UTC.

    A time on the very hour or half-hour is left out: it is a day, or a whole hour, that somebody wrote as a moment
    (midnight somewhere), or a machine's.
    """
    kind = pl.Array(pl.UInt16, 24)
    if contents is None:
        return pl.DataFrame(schema={"account_id": pl.String, "hours": kind})
    at = pl.col("created_at")
    posts = contents.select("account_id", "created_at").drop_nulls().filter(at.dt.epoch("us") % 1_800_000_000 != 0)
    slots = posts.select("account_id", at.dt.truncate("1h").alias("slot")).unique()
    usual = slots.group_by("account_id").agg(pl.len().alias("count"), pl.col("slot").dt.date().n_unique().alias("days"))
    usual = usual.filter((pl.col("count") >= LEAST_HOURS) & (pl.col("days") >= LEAST_DAYS)).sort("account_id")
    usual = usual.with_row_index("row")
    counted = slots.join(usual.select("account_id", "row"), on="account_id").select("row", pl.col("slot").dt.hour())
    counts = np.bincount(counted["row"].to_numpy().astype(np.int64) * 24 + counted["slot"].to_numpy(), minlength=0)
    table = np.zeros((usual.height, 24))
    table.flat[: counts.size] = counts
    table *= np.minimum(1.0, MOST_HOURS / np.maximum(table.sum(axis=1, keepdims=True), 1.0))
    return pl.DataFrame([usual["account_id"], pl.Series("hours", np.rint(table).astype(np.uint16), dtype=kind)])
