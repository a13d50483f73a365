"""Rows for the store's tests: a small invented graph, and strategies that make rows of any table."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import polars as pl
from hypothesis import strategies as st

from graphmatch import model, tables
from graphmatch.tables import DATED, DERIVED, TEXTS, TIME

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

_WORDS: dict[str, type[StrEnum]] = {
    "id_kind": model.IdKind,
    "state": model.AccountState,
    "created_at_precision": model.Precision,
    "source_kind": model.SourceKind,
    "specificity": model.Specificity,
    "gate": model.Gate,
    "status": model.ReportStatus,
    "action": model.Action,
    "scope": model.Scope,
    "standing": model.Standing,
    "story": model.Story,
    "event": model.CommunityEvent,
}
_REQUIRED = {
    "accounts": ("platform", "instance", "native_id"),
    "sightings": ("context",),
    "reports": ("source", "platform", "category_reported"),
    "contents": ("platform",),
    "targets": ("derivations",),
    "enforcements": ("platform", "source", "action_raw"),
    "bursts": ("account_id",),
    "link_claims": ("account_id", "claimed_handle", "quote", "asserted_by"),
    "communities": ("event",),
    "community_moves": (
        "origin_platform",
        "destination_platform",
        "movers",
        "movers_on_way",
        "pairs",
        "expected_pairs",
        "p",
        "q",
        "moves_together",
    ),
    "migrations": (
        "actor_id",
        "origin_account_id",
        "destination_account_id",
        "origin_platform",
        "destination_platform",
    ),
}
#: Few ids, so that rows meet and references dangle; odd ones, so that quoting is tested.
IDS = {
    prefix: [f"{prefix}:1", f'{prefix}:o\'brien "x"', f"{prefix}:Zoë\\n{{}}", f"{prefix}:*[a]?"]
    for prefix in ("account", "content", "target", "actor", "report")
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
times = st.datetimes(datetime(1996, 1, 1), datetime(2097, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Make a frame of ``table``; columns that a row leaves out are null (lists: empty)."""
    of = tables.dtypes(table)
    blank = {name: [] if dtype == TEXTS else None for name, dtype in of.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=of, orient="row")


@st.composite
def frames(draw: st.DrawFn, table: str, *, whole: bool = False, max_size: int = 6) -> pl.DataFrame:
    """Make a frame of ``table`` that keeps its contract; ``whole`` leaves no blank."""
    unique = tables.keys(table) if table in DERIVED else []
    rows = draw(
        st.lists(
            _row(table, whole=whole),
            max_size=max_size,
            unique_by=(lambda row: tuple(row[name] for name in unique)) if unique else None,
        )
    )
    return frame(table, *rows)


@st.composite
def _row(draw: st.DrawFn, table: str, *, whole: bool) -> dict[str, Any]:
    row = {name: draw(_value(table, name, whole=whole)) for name in tables.dtypes(table)}
    for name in DATED.get(table, ()):
        row[f"{name}_at"] = None if row[name] is None else row[f"{name}_at"] or NOON
    if table == "accounts" and (row["created_at"] is None or row["created_at_precision"] is None):
        row["created_at"] = row["created_at_precision"] = None
    if table == "enforcements":
        both = [row["at_earliest"], row["at_latest"]]
        row["at_earliest"], row["at_latest"] = (None, None) if None in both else sorted(both)
    if table == "matches":
        row["left"], row["right"] = sorted((row["left"], row["right"] + "b"))
    return row


def _value(table: str, name: str, *, whole: bool) -> st.SearchStrategy[Any]:
    dtype = tables.dtypes(table)[name]
    made = _plain(table, name, dtype)
    sure = (
        whole
        or dtype == TEXTS
        or name.endswith("_bits")
        or name in (*tables.keys(table), *_REQUIRED.get(table, ()), *_SURE)
    )
    return made if sure else st.none() | made


_SHARES = ("upheld_share", "dismissed_share", "new_share", "alike_share", "chance_q", "jaccard", "p", "q")
_SHARES += ("target_share", "moment_share", "link_share", "text_share", "reply_share", "reporter_share")
#: Columns of any table that hold no null.
_SURE = ["count", "kind", "id_kind", "source_kind", "specificity", "gate", "action", "scope", "standing", "story"]
_SURE += ["size", "density", "resolution", "match_probability", "match_weight"]
_SURE += ["reports", "reporters", "accounts", "upheld", "dismissed", "bursts", "new_reporters", "alike_share"]


def _plain(table: str, name: str, dtype: pl.DataType) -> st.SearchStrategy[Any]:
    """Make a value of the column, never a blank."""
    for prefix, ids in IDS.items():
        if name.endswith((f"{prefix}_id", f"{prefix}_ids")):
            one = st.sampled_from(ids)
            return st.lists(one, max_size=3) if dtype == TEXTS else one
    kinds = model.SignalKind if table == "sightings" else model.MigrationKind
    words = {**_WORDS, "kind": kinds}.get(name)
    own = [key for key in tables.keys(table) if key not in ("left", "right")]
    named: dict[str, st.SearchStrategy[Any]] = {
        "left": st.sampled_from(IDS["account"]),
        "right": st.sampled_from(IDS["account"]),
        **dict.fromkeys((*_SHARES, "match_probability"), st.floats(0, 1)),
        **dict.fromkeys(own, st.sampled_from(["1", "https://a.example/?q='x'", "Ünï:cödé", "é" * 1000])),
    }
    named = {**named, **({name: st.sampled_from([word.value for word in words])} if words else {})}
    return named.get(name, _BY_DTYPE[dtype])


_BY_DTYPE: dict[pl.DataType, st.SearchStrategy[Any]] = {
    pl.Int64(): st.integers(2, 10**9),
    pl.Int8(): st.integers(-128, 127),
    pl.Float64(): st.floats(0, 1e6),
    pl.Boolean(): st.booleans(),
    TIME: times,
    TEXTS: st.lists(texts, max_size=3),
    pl.String(): texts,
}


def northmoor() -> dict[str, pl.DataFrame]:
    """Make a graph in which every named query has something to find.

    ``grim`` was suspended on one platform and has come back on a second, and, as nobody has reported yet, on a third.
    """
    old, new, third = "mastodon:north.example:1", "bluesky:bsky.app:did:2", "reddit:reddit.com:t2_3"
    migration = {
        "actor_id": "actor:grim",
        "kind": "displaced",
        "origin_account_id": old,
        "origin_platform": "mastodon",
        "match_probability": 0.9,
        "standing": "corroborated",
        "enforcement_id": "enforcement:1",
        "arrived_earliest": NOON.replace(day=3),
        "arrived_latest": NOON.replace(day=4),
        "reasons": ["same link"],
    }
    made = {
        "accounts": [_account(account_id) for account_id in (old, new, third, "reddit:reddit.com:t2_4")],
        "targets": [{"target_id": "name:Ada Fenwick", "name": "Ada Fenwick", "derivations": ["intake"]}],
        "contents": [{"content_id": "content:1", "platform": "mastodon", "account_id": old, "text": "go away"}],
        "sightings": [
            {"account_id": a, "kind": "link", "value": "grim.example", "source": s, "context": "profile"}
            for a, s in ((old, "mastodon"), (new, "bluesky"), (third, "reddit"))
        ],
        "reports": [_report("report:1", "mastodon", old), _report("report:2", "bluesky", new)],
        "enforcements": [
            {
                "enforcement_id": "enforcement:1",
                "platform": "mastodon",
                "source": "mastodon",
                "action": "account_suspended_perm",
                "action_raw": "suspend",
                "scope": "instance",
                "account_id": old,
                "at_earliest": NOON.replace(day=2),
                "at_latest": NOON.replace(day=2),
            }
        ],
        "link_claims": [
            {
                "claim_id": "claim:1",
                "account_id": "reddit:reddit.com:t2_4",
                "claimed_handle": "grim",
                "quote": "that is grim again",
                "asserted_by": "reporter",
                "asserted_at": NOON,
            }
        ],
        "matches": [_match(*sorted((old, new))), _match(*sorted((old, third)))],
        "actors": [
            {
                "actor_id": "actor:grim",
                "account_ids": sorted((old, new, third)),
                "platforms": ["bluesky", "mastodon", "reddit"],
                "size": 3,
                "match_probability": 0.9,
                "standing": "corroborated",
            }
        ],
        "communities": [
            {
                "community_id": "community:1",
                "account_ids": sorted((old, new)),
                "actor_ids": ["actor:grim"],
                "size": 2,
                "density": 1.0,
                "resolution": 0.05,
                "target_share": 0.25,
                "link_share": 0.75,
                "chance_q": 0.5,
                "event": "merge",
                "earlier_ids": ["community:1", "community:2"],
                "earlier_size": 2,
                "jaccard": 0.5,
            }
        ],
        "community_moves": [
            {
                "community_id": "community:1",
                "origin_platform": "mastodon",
                "destination_platform": "bluesky",
                "movers": 2,
                "movers_on_way": 2,
                "pairs": 1,
                "expected_pairs": 0.02,
                "p": 0.02,
                "q": 0.04,
                "moves_together": True,
                "migration_ids": ["migration:1", "migration:2"],
            }
        ],
        "migrations": [
            {
                **migration,
                "migration_id": f"migration:{n}",
                "destination_account_id": to,
                "destination_platform": to.split(":")[0],
            }
            for n, to in ((1, new), (2, third))
        ],
    }
    made["reporters"] = [
        {
            "reporter_ref": f"reporter:{n}",
            "platforms": [platform],
            "reports": 1,
            "accounts": 1,
            "upheld": 0,
            "dismissed": 0,
            "bursts": 1,
            "report_ids": [f"report:{n}"],
        }
        for n, platform in ((1, "mastodon"), (2, "bluesky"))
    ]
    made["bursts"] = [
        {
            "burst_id": "burst:1",
            "account_id": old,
            "begun_at": NOON,
            "ended_at": NOON,
            "reports": 2,
            "reporters": 2,
            "new_reporters": 2,
            "new_share": 1.0,
            "alike_share": 0.0,
            "report_ids": ["report:1", "report:2"],
        }
    ]
    return {table: frame(table, *rows) for table, rows in made.items()}


def _account(account_id: str) -> dict[str, Any]:
    platform, instance, native = account_id.split(":", 2)
    return {
        "account_id": account_id,
        "platform": platform,
        "instance": instance,
        "native_id": native,
        "id_kind": "opaque",
        "handle": f"grim_{native[-1]}",
        "handle_at": NOON,
        "first_observed_at": NOON,
        "last_observed_at": NOON,
    }


def _report(report_id: str, platform: str, account_id: str) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "source": platform,
        "source_kind": "report",
        "platform": platform,
        "account_id": account_id,
        "category_reported": "harassment",
        "specificity": "exact",
        "gate": "terms",
        "count": 1,
        "reported_at": NOON,
        "content_ids": ["content:1"],
        "target_ids": ["name:Ada Fenwick"],
    }


def _match(left: str, right: str) -> dict[str, Any]:
    bits = {name: 0.0 for name, dtype in tables.dtypes("matches").items() if dtype == pl.Float64()}
    return {
        **bits,
        "left": left,
        "right": right,
        "match_weight": 3.5,
        "match_probability": 0.9,
        "standing": "corroborated",
        "story": "same_operator",
        "link_level": 1,
        "families": ["self_description"],
    }
