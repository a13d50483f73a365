"""Tables under construction, for warnings: one enforced account, one that nobody reported, and what is between them."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
from migration_world import DAY0, day, frame

from graphmatch import tables
from graphmatch.early_warning import warn

OLD, NEW = "mastodon:a.example:1", "bluesky:bsky:did:1"


class World:
    """Rows of every table; each method adds one and gives the world back."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.SCHEMAS}

    def account(self, *names: str, **more: Any) -> World:
        for name in names:
            platform, instance, native = name.split(":", 2)
            row = {"account_id": name, "platform": platform, "instance": instance, "native_id": native, **more}
            self.rows["accounts"].append(row)
        return self

    def actor(self, *ids: str, probability: float = 0.95, standing: str = "suggested") -> World:
        number = len(self.rows["actors"])
        row = {"actor_id": f"actor-{number}", "account_ids": sorted(ids), "size": len(ids)}
        self.rows["actors"].append({**row, "match_probability": probability, "standing": standing})
        return self

    def match(self, left: str, right: str, probability: float, **more: Any) -> World:
        left, right = sorted((left, right))
        row = {"left": left, "right": right, "match_probability": probability, "standing": "suggested"}
        self.rows["matches"].append({**row, "story": "same_operator", **more})
        return self

    def enforced(self, name: str, when: float | None, action: str = "account_suspended_perm", **more: Any) -> World:
        moment = None if when is None else day(when)
        row = {"enforcement_id": f"e{len(self.rows['enforcements'])}", "account_id": name, "action": action}
        row |= {"platform": name.partition(":")[0], "scope": "platform", "at_earliest": moment, "at_latest": moment}
        self.rows["enforcements"].append({**row, **more})
        return self

    def reported(self, name: str, when: float | None = 0, gate: str = "terms", **more: Any) -> World:
        row = {"report_id": f"r{len(self.rows['reports'])}", "account_id": name, "gate": gate, "count": 1}
        self.rows["reports"].append({**row, "reported_at": None if when is None else day(when), **more})
        return self

    def target(self, target_id: str, **more: Any) -> World:
        self.rows["targets"].append({"target_id": target_id, "derivations": ["intake"], **more})
        return self

    def content(self, content_id: str, name: str) -> World:
        self.rows["contents"].append({"content_id": content_id, "account_id": name})
        return self

    def judged(self, left: str, right: str, judgement: str, analyst: str = "jo") -> World:
        left, right = sorted((left, right))
        row = {"seq": len(self.rows["judgements"]) + 1, "left": left, "right": right, "judgement": judgement}
        self.rows["judgements"].append({**row, "analyst": analyst, "reason": "seen", "at": DAY0})
        return self

    def tables(self, rng: random.Random | None = None) -> dict[str, pl.DataFrame]:
        names = ("accounts", "enforcements", "reports", "contents", "targets", "matches", "actors", "judgements")
        made = {name: frame(name, self.rows[name]) for name in names}
        return (
            made
            if rng is None
            else {name: frame(name, rng.sample(self.rows[name], len(self.rows[name]))) for name in names}
        )

    def warnings(self, rng: random.Random | None = None, *, at: float = 10, **options: Any) -> pl.DataFrame:
        return warn(**self.tables(rng), as_of=day(at), **options)

    def named(self, **options: Any) -> list[str]:
        return self.warnings(**options)["account_id"].to_list()


def tied() -> World:
    """One account suspended on day 0 after a report, and another of the same actor that nobody reported."""
    return World().account(OLD, NEW).actor(OLD, NEW).reported(OLD).enforced(OLD, 0)
