"""Every table that travels between rooms: its columns, dtypes, units and key, how it is checked and how it is merged.

Times are ``Datetime("us", "UTC")``; probabilities lie in [0, 1]; match weights are in bits (log2 odds); ids are
strings. Two kinds of table exist. *Observed* tables come from adapters and only ever grow by `merge`, which gives the
same result in any order and any number of times. *Derived* tables are results, replaced whole by each run.

Only this module knows the table-contract library (dataframely).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import dataframely as dy
import polars as pl

from graphmatch import model
from graphmatch.errors import RejectedTable

TIME = pl.Datetime("us", "UTC")
TEXTS = pl.List(pl.String)

#: Years outside are typing errors, epoch zero or sentinels, not times at which somebody posted.
PLAUSIBLE_YEARS = (1995, 2098)


def _one_of(words: type[StrEnum]) -> Callable[[pl.Expr], pl.Expr]:
    values = [word.value for word in words]
    return lambda column: column.is_in(values)


def _plausible(column: pl.Expr) -> pl.Expr:
    return column.dt.year().is_between(*PLAUSIBLE_YEARS)


def _key(longest: int = model.LONGEST_ID) -> dy.String:
    return dy.String(primary_key=True, min_length=1, max_length=longest)


def _reference(*, nullable: bool = True) -> dy.String:
    return dy.String(nullable=nullable, max_length=model.LONGEST_ID)


def _references() -> dy.List:
    return dy.List(dy.String(nullable=False, max_length=model.LONGEST_ID), nullable=False)


def _text(*, nullable: bool = True) -> dy.String:
    return dy.String(nullable=nullable)


def _word(words: type[StrEnum], *, nullable: bool = False) -> dy.String:
    return dy.String(nullable=nullable, check=_one_of(words))


def _time(*, plausible: bool = True) -> dy.Datetime:
    return dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", check=_plausible if plausible else None)


def _texts() -> dy.List:
    return dy.List(dy.String(nullable=False), nullable=False)


def _probability() -> dy.Float64:
    return dy.Float64(nullable=False, min=0.0, max=1.0)


class Accounts(dy.Schema):
    """One account; each attribute stands beside the time at which it was last seen with a value."""

    account_id = _key()
    platform = _text(nullable=False)
    instance = _text(nullable=False)
    native_id = _text(nullable=False)
    id_kind = _word(model.IdKind)
    handle = _text()
    handle_at = _time()
    display_name = _text()
    display_name_at = _time()
    bio = _text()
    bio_at = _time()
    url = _text()
    url_at = _time()
    location = _text()
    location_at = _time()
    avatar_url = _text()
    avatar_url_at = _time()
    state = _word(model.AccountState, nullable=True)
    state_at = _time()
    created_at = _time()
    created_at_precision = _word(model.Precision, nullable=True)
    last_active = _time()
    first_observed_at = _time()
    last_observed_at = _time()


class Sightings(dy.Schema):
    """A signal seen on an account, in which source."""

    account_id = _key()
    kind = dy.String(primary_key=True, check=_one_of(model.SignalKind))
    value = _key(model.LONGEST_VALUE)
    source = _key()
    context = _text(nullable=False)
    first_seen = _time()
    last_seen = _time()
    report_id = _reference()


class Reports(dy.Schema):
    """One abuse report as received. ``count`` > 1 for aggregated flags, which have no reporter and no time."""

    report_id = _key()
    source = _text(nullable=False)
    source_kind = _word(model.SourceKind)
    platform = _text(nullable=False)
    account_id = _reference()
    category_raw = _text()
    category_reported = _text(nullable=False)
    specificity = _word(model.Specificity)
    gate = _word(model.Gate)
    count = dy.Int64(nullable=False, min=1)
    category_assessed = _text()
    reported_at = _time()
    observed_at = _time()
    reporter_ref = _text()
    reporter_is_target = dy.Bool(nullable=True)
    text = _text()
    status = _word(model.ReportStatus, nullable=True)
    status_at = _time()
    status_raw = _text()
    status_raw_at = _time()
    content_ids = _references()
    target_ids = _references()


class Contents(dy.Schema):
    """What a report points at; text without contact values."""

    content_id = _key()
    platform = _text(nullable=False)
    account_id = _reference()
    text = _text()
    text_at = _time()
    url = _text()
    created_at = _time()
    observed_at = _time()
    target_ids = _references()


class Targets(dy.Schema):
    """Who abuse is aimed at; never leaves the workspace."""

    target_id = _key()
    platform = _text()
    handle = _text()
    name = _text()
    derivation = _text(nullable=False)
    observed_at = _time()


class Enforcements(dy.Schema):
    """What a platform did, within ``[at_earliest, at_latest]``; both null when the time is unknown."""

    enforcement_id = _key()
    platform = _text(nullable=False)
    source = _text(nullable=False)
    action = _word(model.Action)
    action_raw = _text(nullable=False)
    scope = _word(model.Scope)
    account_id = _reference()
    content_id = _reference()
    scope_ref = _text()
    at_earliest = _time()
    at_latest = _time()
    expires_at = _time(plausible=False)  # "permanent" is often written as a date centuries ahead
    reason = _text()
    policies = _texts()
    by_ref = _text()

    @dy.rule()
    def interval_in_order(cls) -> pl.Expr:  # noqa: N805
        """Hold that an interval ends no earlier than it begins."""
        return pl.col("at_earliest").is_null() | (pl.col("at_earliest") <= pl.col("at_latest"))


class LinkClaims(dy.Schema):
    """Somebody's statement that two accounts have one operator."""

    claim_id = _key()
    account_id = _reference(nullable=False)
    claimed_handle = _text(nullable=False)
    quote = _text(nullable=False)
    claimed_platform = _text()
    report_id = _reference()
    asserted_by = _text(nullable=False)
    asserted_at = _time()


class Candidates(dy.Schema):
    """A pair worth comparing, ``left`` < ``right``, with the blocking rules that proposed it."""

    left = _key()
    right = _key()
    rules = _texts()

    @dy.rule()
    def left_before_right(cls) -> pl.Expr:  # noqa: N805
        """Hold that each pair stands once."""
        return pl.col("left") < pl.col("right")


def _match_schema() -> type[dy.Schema]:
    columns: dict[str, dy.Column] = {
        "left": _key(),
        "right": _key(),
        "match_weight": dy.Float64(nullable=False),
        "match_probability": _probability(),
        "standing": _word(model.Standing),
        "story": _word(model.Story),
        "families": _texts(),
        "rules": _texts(),
        "prior_bits": dy.Float64(nullable=False),
    }
    for name in model.COMPARISONS:
        columns[f"{name}_level"] = dy.Int8(nullable=True)
        columns[f"{name}_bits"] = dy.Float64(nullable=False)
    for family in model.Family:
        columns[f"{family}_discount_bits"] = dy.Float64(nullable=False)
    columns["imitation_bits"] = dy.Float64(nullable=False)
    return type("Matches", (Candidates,), {"__doc__": "A scored pair.", **columns})


Matches = _match_schema()


class Actors(dy.Schema):
    """Two or more accounts *suspected* to have the same operator."""

    actor_id = _key()
    account_ids = _texts()
    platforms = _texts()
    size = dy.Int64(nullable=False, min=2)
    match_probability = _probability()  # of the weakest link that holds it together
    standing = _word(model.Standing)


class Communities(dy.Schema):
    """Densely tied accounts and the actors among them."""

    community_id = _key()
    account_ids = _texts()
    actor_ids = _texts()
    size = dy.Int64(nullable=False, min=2)
    density = dy.Float64(nullable=False, min=0.0)
    resolution = dy.Float64(nullable=False)


class Migrations(dy.Schema):
    """An actor's move, with its times as intervals."""

    migration_id = _key()
    actor_id = _text(nullable=False)
    kind = _word(model.MigrationKind)
    origin_account_id = _reference(nullable=False)
    destination_account_id = _reference(nullable=False)
    origin_platform = _text(nullable=False)
    destination_platform = _text(nullable=False)
    enforcement_id = _text()
    left_earliest = _time()
    left_latest = _time()
    arrived_earliest = _time()
    arrived_latest = _time()
    match_probability = _probability()
    standing = _word(model.Standing)
    reasons = _texts()
    report_ids = _texts()


class Judgements(dy.Schema):
    """What analysts said of pairs: the journal, read as a table. ``seq`` counts from 1."""

    seq = dy.Int64(primary_key=True, min=1)
    left = _text(nullable=False)
    right = _text(nullable=False)
    judgement = _word(model.Judgement)
    analyst = _text(nullable=False)
    reason = _text(nullable=False)
    at = _time()


SCHEMAS: dict[str, type[dy.Schema]] = {
    "accounts": Accounts,
    "sightings": Sightings,
    "reports": Reports,
    "contents": Contents,
    "targets": Targets,
    "enforcements": Enforcements,
    "link_claims": LinkClaims,
    "candidates": Candidates,
    "matches": Matches,
    "actors": Actors,
    "communities": Communities,
    "migrations": Migrations,
    "judgements": Judgements,
}
#: Tables that adapters fill; the order is the one to write them in (what is pointed at comes first).
OBSERVED = ("accounts", "targets", "contents", "sightings", "reports", "enforcements", "link_claims")
#: Tables that a run replaces whole.
DERIVED = ("matches", "actors", "communities", "migrations")

#: What may change from one export to the next, each dated by its own ``<name>_at``: when it was last seen with a value.
DATED: dict[str, tuple[str, ...]] = {
    "accounts": ("handle", "display_name", "bio", "url", "location", "avatar_url", "state"),
    "reports": ("status", "status_raw"),
    "contents": ("text",),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: the good rows, the bad ones as they came, and how many broke which rule."""

    good: pl.DataFrame
    bad: pl.DataFrame
    counts: dict[str, int]


def dtypes(table: str) -> dict[str, pl.DataType]:
    """Give the columns of ``table`` and their polars dtypes, in order."""
    return {name: column.dtype for name, column in SCHEMAS[table].columns().items()}


def keys(table: str) -> list[str]:
    """Give the key columns of ``table``."""
    return list(SCHEMAS[table].primary_key())


def empty(table: str) -> pl.DataFrame:
    """Make ``table`` with no rows."""
    return pl.DataFrame(schema=dtypes(table))


def check(table: str, rows: pl.DataFrame) -> Checked:
    """Hold ``rows`` against the contract of ``table``.

    Returns
    -------
    Checked
        Good rows with exactly the declared columns and dtypes; bad rows; and the number of rows that broke each rule.

    Raises
    ------
    RejectedTable
        A column is missing or can't be cast; the message names the column.
    """
    schema = SCHEMAS[table]
    missing = [name for name in schema.columns() if name not in rows.columns]
    if missing:
        raise RejectedTable(f"table {table!r} lacks the column {missing[0]!r}; it needs {list(schema.columns())}")
    try:
        result = schema.filter(rows, cast=True)
    except (pl.exceptions.PolarsError, dy.exc.SchemaError) as error:
        raise RejectedTable(f"table {table!r} holds a column of another type: {error}") from None
    return Checked(pl.DataFrame(result.result), result.failure.invalid(), dict(result.failure.counts()))


def require(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give back ``rows`` as ``table``, or raise `RejectedTable` if any row breaks its contract."""
    checked = check(table, rows)
    if checked.bad.height:
        rules = ", ".join(f"{rule} ({count})" for rule, count in sorted(checked.counts.items()))
        raise RejectedTable(f"table {table!r}: {checked.bad.height} rows break its contract: {rules}")
    return checked.good
