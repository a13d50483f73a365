"""A town in which every analyst's question finds something: `northmoor`, some weeks later.

``grim`` (five accounts) was suspended on Mastodon on 2 May and again on 12 May, and came back on Bluesky, Reddit and X.
``pete`` (two accounts) left Reddit for X in the same days. Somebody else copies the profile of the target Ada Fenwick.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from store_rows import NOON, frame, northmoor

OLD, NEW, THIRD = "mastodon:north.example:1", "bluesky:bsky.app:did:2", "reddit:reddit.com:t2_3"
FRESH, PETE, PETE_X, COPY = "x:x:@grim", "reddit:reddit.com:t2_4", "x:x:@pete", "x:x:@ada_fenwick"
ADA, BO = "name:Ada Fenwick", "name:Bo Thorne"

#: What to ask about: a value for each parameter that must be given.
SAMPLE = {
    "account_id": OLD,
    "actor_id": "actor:grim",
    "community_id": "community:1",
    "content_id": "content:1",
    "target_id": ADA,
    "part": "GRIM",
    "first": NEW,
    "second": OLD,
    "origin": "reddit",
    "destination": "x",
}


def may(day: int) -> datetime:
    """Give noon of a day in May 2026."""
    return NOON.replace(day=day)


def busy_northmoor() -> dict[str, pl.DataFrame]:
    """Make the tables of the town."""
    made = northmoor()
    more = {
        "accounts": _accounts(),
        "targets": [{"target_id": BO, "name": "Bo Thorne", "derivations": ["intake"]}],
        "sightings": _sightings(),
        "reports": _reports(),
        "enforcements": _enforcements(),
        "link_claims": _claims(),
        "migrations": _migrations(),
    }
    for table, rows in more.items():
        made[table] = pl.concat([made[table], frame(table, *rows)])
    return {**made, "matches": _matches(), "actors": _actors(), "communities": _communities()}


def _accounts() -> list[dict[str, Any]]:
    names = {FRESH: ("Grim_Again", "Grim Wald"), PETE_X: ("pete", "Pete"), COPY: ("ada_fenwick", "Ada Fenwick")}
    return [
        {
            "account_id": account_id,
            "platform": "x",
            "instance": "x",
            "native_id": account_id.removeprefix("x:x:"),
            "id_kind": "handle_only",
            "handle": handle,
            "handle_at": NOON,
            "display_name": name,
            "display_name_at": NOON,
            "created_at": may(10),
            "created_at_precision": "day",
        }
        for account_id, (handle, name) in names.items()
    ]


def _sightings() -> list[dict[str, Any]]:
    seen = [(FRESH, "link", "grim.example"), (OLD, "email_hmac", "h1"), (THIRD, "email_hmac", "h1")]
    return [
        {"account_id": a, "kind": kind, "value": value, "source": a.partition(":")[0], "context": "registration"}
        for a, kind, value in seen
    ]


def _reports() -> list[dict[str, Any]]:
    told = [
        ("report:3", "intake", OLD, 20, "imminent", "open", "reporter:1", [ADA]),
        ("report:4", "reddit", PETE, 6, "terms", "dismissed", "reporter:9", [ADA]),
        ("report:5", "bluesky", NEW, 7, "debate", "dismissed", "reporter:9", []),
        ("report:6", "bluesky", NEW, 8, "illegal", "escalated", "reporter:1", [BO]),
    ]
    return [
        {
            "report_id": report_id,
            "source": source,
            "source_kind": "intake" if source == "intake" else "report",
            "platform": account_id.partition(":")[0],
            "account_id": account_id,
            "category_reported": "harassment",
            "specificity": "exact",
            "gate": gate,
            "count": 1,
            "reported_at": may(day),
            "status": status,
            "status_at": may(day),
            "reporter_ref": reporter,
            "target_ids": targets,
        }
        for report_id, source, account_id, day, gate, status, reporter, targets in told
    ]


def _enforcements() -> list[dict[str, Any]]:
    done = [
        ("enforcement:2", OLD, "account_suspended_temp", 12),
        ("enforcement:3", OLD, "note", 13),
        ("enforcement:4", NEW, "account_limited", 9),
        ("enforcement:5", PETE, "account_limited", 3),
    ]
    return [
        {
            "enforcement_id": enforcement_id,
            "platform": account_id.partition(":")[0],
            "source": account_id.partition(":")[0],
            "action": action,
            "action_raw": action,
            "scope": "instance",
            "account_id": account_id,
            "at_earliest": may(day),
            "at_latest": may(day),
        }
        for enforcement_id, account_id, action, day in done
    ]


def _claims() -> list[dict[str, Any]]:
    said = [("claim:2", OLD, "GRIM_2", "bluesky"), ("claim:3", OLD, "nobody", None), ("claim:4", THIRD, "grim_1", None)]
    return [
        {
            "claim_id": claim_id,
            "account_id": account_id,
            "claimed_handle": handle,
            "claimed_platform": platform,
            "quote": "the same again",
            "asserted_by": "reporter",
        }
        for claim_id, account_id, handle, platform in [*said, ("claim:5", COPY, "ada", None)]
    ]


def _matches() -> pl.DataFrame:
    blank = northmoor()["matches"].row(0, named=True)
    scored = [
        (NEW, OLD, 0.97, "corroborated", "same_operator", ["contact", "self_description"]),
        (OLD, THIRD, 0.92, "suggested", "same_operator", ["self_description"]),
        (NEW, FRESH, 0.87, "suggested", "same_operator", ["naming"]),
        (OLD, FRESH, 0.93, "confirmed", "same_operator", ["declared", "naming", "self_description"]),
        (PETE, PETE_X, 0.95, "suggested", "same_operator", ["naming"]),
        (PETE, COPY, 0.6, "suggested", "impersonation", ["naming"]),
    ]
    names = ("left", "right", "match_probability", "standing", "story", "families")
    return frame("matches", *({**blank, **dict(zip(names, row, strict=True))} for row in scored))


def _actors() -> pl.DataFrame:
    return frame(
        "actors",
        {
            "actor_id": "actor:grim",
            "account_ids": [NEW, OLD, THIRD, FRESH],
            "platforms": ["bluesky", "mastodon", "reddit", "x"],
            "size": 4,
            "match_probability": 0.87,
            "standing": "corroborated",
        },
        {
            "actor_id": "actor:pete",
            "account_ids": [PETE, PETE_X],
            "platforms": ["reddit", "x"],
            "size": 2,
            "match_probability": 0.95,
            "standing": "suggested",
        },
    )


def _communities() -> pl.DataFrame:
    members = [NEW, OLD, THIRD, PETE, FRESH, PETE_X]
    actors = ["actor:grim", "actor:pete"]
    row = {"account_ids": members, "actor_ids": actors, "size": 6, "density": 0.5, "resolution": 0.05}
    row |= {"link_share": 1.0, "chance_q": 0.02, "event": "birth", "earlier_ids": []}
    return frame("communities", {"community_id": "community:1", **row})


def _migrations() -> list[dict[str, Any]]:
    moved = [("migration:3", "actor:grim", THIRD, FRESH, 11), ("migration:4", "actor:pete", PETE, PETE_X, 13)]
    return [
        {
            "migration_id": migration_id,
            "actor_id": actor_id,
            "kind": "drifted",
            "origin_account_id": origin,
            "origin_platform": "reddit",
            "destination_account_id": destination,
            "destination_platform": "x",
            "match_probability": 0.8,
            "standing": "suggested",
            "arrived_earliest": may(day),
            "arrived_latest": may(day + 1),
        }
        for migration_id, actor_id, origin, destination, day in moved
    ]
