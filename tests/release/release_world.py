"""A small Northmoor for release tests: one pair that may leave, and the means to spoil it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from graphmatch import model, tables
from graphmatch.frames import frame as table_of
from graphmatch.release import Recipient, ReleaseResult, release

MADE_AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
SERVER = "social.northmoor.example"
OLD = f"mastodon:{SERVER}:114094772542729759"
NEW = "bluesky:bsky:did:plc:hh5mwr4rpkw4uau6yuqmzi2o"
EMAIL_HMAC = "3d132f2ce2e72823c6c75cae51aa7f10"
REPORTER = "6002707777e32aaa1df4249ab0c1d2e3"
TARGET_NAME = "Asha Verma"
TARGET_HANDLE = "ashaforus"
SECRET_TEXT = "she stands at the third gate"
ANALYSTS = ("Marlow Quill", "Ines Tarrant")
MASTODON = Recipient("social-northmoor", "mastodon", SERVER)


def account(account_id: str, **values: Any) -> model.Account:
    platform, instance, native_id = account_id.split(":", 2)
    kind = values.pop("id_kind", model.IdKind.OPAQUE)
    return model.Account(account_id, platform, instance, native_id, kind, MADE_AT, **values)


def report(report_id: str, account_id: str, **values: Any) -> model.Report:
    made = model.Report(
        report_id=report_id,
        source="test",
        source_kind=model.SourceKind.REPORT,
        platform=account_id.partition(":")[0],
        account_id=account_id,
        category_raw="violation",
        category_reported="abuse.harassment_targeted",
        specificity=model.Specificity.EXACT,
        gate=model.Gate.TERMS,
        reporter_ref=REPORTER,
        text=SECRET_TEXT,
        target_ids=(f"mastodon:{SERVER}:{TARGET_HANDLE}",),
    )
    return replace(made, **values)


def match(left: str = NEW, right: str = OLD, **values: Any) -> dict[str, Any]:
    left, right = sorted((left, right))
    row: dict[str, Any] = dict.fromkeys(tables.dtypes("matches"))
    row |= {name: 0.0 for name, dtype in tables.dtypes("matches").items() if dtype == pl.Float64}
    return row | {
        "left": left,
        "right": right,
        "match_probability": 0.97,
        "standing": "corroborated",
        "story": "same_operator",
        "families": ["contact", "naming"],
        "rules": ["contact"],
        **values,
    }


def migration(origin: str = OLD, destination: str = NEW, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(tables.dtypes("migrations"))
    return row | {
        "migration_id": "m1",
        "actor_id": "actor-1",
        "kind": "displaced",
        "origin_account_id": origin,
        "destination_account_id": destination,
        "origin_platform": origin.partition(":")[0],
        "destination_platform": destination.partition(":")[0],
        "left_earliest": datetime(2026, 4, 15, 9, 12, 40, 360000, tzinfo=UTC),
        "left_latest": datetime(2026, 4, 15, 9, 12, 40, 360000, tzinfo=UTC),
        "arrived_earliest": datetime(2026, 4, 15, 10, 3, 22, tzinfo=UTC),
        "arrived_latest": None,
        "match_probability": 0.97,
        "standing": "corroborated",
        "reasons": [SECRET_TEXT],
        "report_ids": ["r1"],
        **values,
    }


def judged(*said: tuple[str, str], left: str = NEW, right: str = OLD) -> pl.DataFrame:
    """Judgements of one pair, in order: (analyst, judgement)."""
    rows = [
        {
            "seq": n,
            "left": left,
            "right": right,
            "judgement": word,
            "analyst": who,
            "reason": SECRET_TEXT,
            "at": MADE_AT,
        }
        for n, (who, word) in enumerate(said, start=1)
    ]
    return pl.DataFrame(rows, schema=tables.dtypes("judgements"))


def confirmed(left: str = NEW, right: str = OLD) -> pl.DataFrame:
    return judged(*((who, "positive") for who in ANALYSTS), left=left, right=right)


def world(
    accounts: list[model.Account] | None = None,
    reports: list[model.Report] | None = None,
    matches: list[dict[str, Any]] | None = None,
    migrations: list[dict[str, Any]] | None = None,
    targets: list[model.Target] | None = None,
) -> dict[str, pl.DataFrame]:
    """The tables of one pair that may leave; each argument stands in for the part it names."""
    made: dict[str, list[Any]] = {
        "accounts": accounts
        or [
            account(OLD, handle="grimwald_77", bio=SECRET_TEXT, url=f"https://{SERVER}/@grimwald_77"),
            account(NEW, handle="grimwald77.test", url="https://bsky.app/profile/grimwald77.test"),
        ],
        "reports": [report("r1", OLD), report("r2", NEW)] if reports is None else reports,
        "sightings": [
            model.Sighting(a, model.SignalKind.EMAIL_HMAC, EMAIL_HMAC, "test", "registration") for a in (OLD, NEW)
        ],
        "targets": targets
        or [
            model.Target(f"mastodon:{SERVER}:{TARGET_HANDLE}", "mastodon", TARGET_HANDLE, TARGET_NAME),
            model.Target("name:Tom Hallworth", name="Tom Hallworth", derivations=("intake",)),
        ],
        "enforcements": [],
    }
    frames = {name: tables.require(name, table_of(name, rows)) for name, rows in made.items()}
    derived = {"matches": [match()] if matches is None else matches, "migrations": migrations or [migration()]}
    for name, rows in derived.items():
        frames[name] = tables.require(name, pl.DataFrame(rows, schema=tables.dtypes(name)))
    return frames


def make(out: Path, tables_: dict[str, pl.DataFrame] | None = None, **values: Any) -> ReleaseResult:
    """Release to the mastodon server, confirmed by two analysts unless said otherwise."""
    request: dict[str, Any] = {
        "judgements": confirmed(),
        "recipient": MASTODON,
        "out": out,
        "period": "2026-W17",
        "made_at": MADE_AT,
        "workspace": "Northmoor Election Desk",
    }
    return release(tables_ or world(), **(request | values))


def contents(result: ReleaseResult) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in result.directory.iterdir()}
