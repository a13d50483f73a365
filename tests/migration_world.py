"""What the tests of migrations share: tables under construction, one actor each unless said."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from graphmatch import tables
from graphmatch.migration import trace

DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
M, B, R, D = "mastodon:a.example:1", "bluesky:bsky:did:1", "reddit:reddit:t2_1", "discord:discord:1"


def day(number: float) -> datetime:
    return DAY0 + timedelta(days=number)


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


class World:
    """Tables under construction: one actor, unless ``actor`` is called again."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.SCHEMAS}

    def actor(self, *ids: str, probability: float = 0.95, standing: str = "corroborated") -> World:
        self.rows["actors"].append(
            {
                "actor_id": f"actor-{len(self.rows['actors'])}",
                "account_ids": sorted(ids),
                "match_probability": probability,
                "standing": standing,
            }
        )
        return self

    def account(self, name: str, created: float | None = None, precision: str = "exact", **more: Any) -> World:
        platform, instance, native = name.split(":", 2)
        row = {"account_id": name, "platform": platform, "instance": instance, "native_id": native, **more}
        if created is not None:
            row |= {"created_at": day(created), "created_at_precision": precision}
        self.rows["accounts"].append(row)
        return self

    def enforced(self, name: str, when: float | None, action: str = "account_suspended_perm", **more: Any) -> World:
        moment = None if when is None else day(when)
        row = {"account_id": name, "action": action, "scope": "platform", "at_earliest": moment, "at_latest": moment}
        row["enforcement_id"] = f"e{len(self.rows['enforcements'])}"
        self.rows["enforcements"].append({**row, **more})
        return self

    def reported(self, name: str, *times: float, gate: str = "terms", **more: Any) -> World:
        for moment in times or (None,):
            number = len(self.rows["reports"])
            row = {"report_id": f"r{number}", "account_id": name, "gate": gate, "content_ids": []}
            if moment is not None:
                row["content_ids"] = [f"c{number}"]
                self.rows["contents"].append(
                    {"content_id": f"c{number}", "account_id": name, "created_at": day(moment), "url": more.get("url")}
                )
            self.rows["reports"].append({**row, **{key: value for key, value in more.items() if key != "url"}})
        return self

    def names(self, name: str, value: str, context: str = "profile") -> World:
        self.rows["sightings"].append({"account_id": name, "kind": "declared", "value": value, "context": context})
        return self

    def match(self, left: str, right: str, probability: float, standing: str = "suggested") -> World:
        left, right = sorted((left, right))
        row = {"left": left, "right": right, "match_probability": probability, "standing": standing}
        self.rows["matches"].append({**row, "story": "same_operator"})
        return self

    def trace(self, rng: random.Random | None = None, **options: Any) -> pl.DataFrame:
        order = ("actors", "accounts", "enforcements", "reports", "contents", "matches", "sightings")
        made = [self.rows[name] if rng is None else rng.sample(self.rows[name], len(self.rows[name])) for name in order]
        return trace(*(frame(name, rows) for name, rows in zip(order, made, strict=True)), **options)

    def one(self) -> dict[str, Any]:
        (row,) = self.trace().iter_rows(named=True)
        return row

    def kinds(self, **options: Any) -> list[str]:
        return self.trace(**options)["kind"].to_list()


def suspended_then(created: float | None, *seen: float, precision: str = "exact") -> World:
    """One operator: suspended on Mastodon on day 10; the account on Bluesky made and reported as given."""
    world = World().actor(M, B).account(M, -400).account(B, created, precision).reported(M, 5)
    return world.enforced(M, 10).reported(B, *seen)
