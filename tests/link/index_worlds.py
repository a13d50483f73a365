"""Small worlds of invented accounts that collide in all that blocking and comparing look at, and change a little."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from graphmatch import tables
from graphmatch.model import SignalKind

HANDLES = [
    "grimwald", "grimwald_7x", "wald.grim", "ashaverma", "asha_verma77", "vermaasha", "averma", "lea", "lea_grim",
    "tarnquill", "the_tarn_quill", "quill_lea", "qzx", None,
]  # fmt: skip
NAMES = ["Asha Verma", "Verma Asha", "Grim Wald", "Lea Wald", "Tarn Quill", "Lea", "Quill", "Asha Lea Verma", None, ""]
BIOS = ["dogs and tea in Northmoor", "Dogs and tea, always", "tea in northmoor on the moor", "x", None]
PLACES = [("x", ""), ("reddit", ""), ("mastodon", "one.example"), ("mastodon", "two.example")]
LINKS = ["x.com/ashaverma", "https://reddit.com/u/grimwald", "moor.example/blog", "t.me/tarnquill", "x.com/lea"]
START = datetime(2024, 1, 1, tzinfo=UTC)
FORGED = "deception.impersonation"


class World:
    """Accounts and what is known of them, by number; `change` makes some new, others gone or different."""

    def __init__(self, seed: int, accounts: int, *, datasets: int = 1) -> None:
        self.draw, self.datasets = random.Random(seed), datasets
        self.known: dict[int, dict[str, Any]] = {}
        self.targets = [0, 1]
        for number in range(accounts):
            self.known[number] = self._account(number)

    def change(self, accounts: int) -> None:
        """Draw some accounts, known or not: each is gone, new, or different in one thing or in all."""
        for _ in range(accounts):
            number = self.draw.randrange(max(self.known, default=0) + 3)
            old, fresh = self.known.pop(number, None), self._account(number)
            what = self.draw.choice(["all", "gone", *fresh])
            if what == "all" or (old is None and what != "gone"):
                self.known[number] = fresh
            elif old is not None and what != "gone":
                self.known[number] = {**old, what: fresh[what]}
        self.targets = [self.draw.randrange(len(HANDLES)) for _ in range(self.draw.randrange(3))]

    def _account(self, number: int) -> dict[str, Any]:
        draw = self.draw
        return {
            "handle": draw.choice(HANDLES),
            "display_name": draw.choice(NAMES),
            "bio": draw.choice(BIOS),
            "location": draw.choice(["Northmoor", "the moor", None]),
            "created_at": draw.choice([None, START + timedelta(days=draw.randrange(400))]),
            "emails": draw.sample(["e1", "e2", "e3", "e4", "e5"], draw.choice([0, 0, 1, 2])),
            "networks": draw.sample(["n1", "n2"], draw.choice([0, 0, 1])),
            "links": draw.sample(LINKS, draw.choice([0, 0, 1, 2])),
            "names": draw.choice([None, None, None, draw.randrange(number + 2)]),
            "claims": draw.choice([None, None, None, draw.choice(HANDLES)]),
            "aimed": draw.sample(["t1", "t2", "t3"], draw.choice([0, 0, 1, 2])),
            "forged": draw.random() < 0.1,
            "banned": draw.choice([None, None, START + timedelta(days=draw.randrange(400))]),
            "posts": draw.choice([None, None, draw.randrange(24)]),
        }

    def identity(self, number: int) -> str:
        """Give an account's ``account_id``; its order is not that of the numbers."""
        platform, instance = PLACES[number % len(PLACES)]
        return f"{platform}:{instance}:{number * 7919 % 1000:03}"

    def accounts(self) -> pl.DataFrame:
        """Give the table of accounts, in no order."""
        rows = []
        for number, known in self.known.items():
            platform, instance = PLACES[number % len(PLACES)]
            own = {name: known[name] for name in ("handle", "display_name", "bio", "location", "created_at")}
            place = {"platform": platform, "instance": instance, "dataset": f"d{number % self.datasets}"}
            rows.append({"account_id": self.identity(number), "native_id": str(number), "url": None, **place, **own})
        self.draw.shuffle(rows)
        texts = ("account_id", "native_id", "url", "platform", "instance", "dataset", "handle", "display_name", "bio")
        schema: dict[str, Any] = {**dict.fromkeys((*texts, "location"), pl.String), "created_at": tables.TIME}
        return pl.DataFrame(rows, schema=schema)

    def sightings(self) -> pl.DataFrame:
        """Give the table of sightings."""
        rows = []
        for number, known in self.known.items():
            seen = [(SignalKind.EMAIL_HMAC, value) for value in known["emails"]]
            seen += [(SignalKind.IP_HMAC, value) for value in known["networks"]]
            seen += [(SignalKind.LINK, value) for value in known["links"]]
            if known["names"] is not None:
                seen.append((SignalKind.DECLARED, self.identity(known["names"])))
            rows += [{"account_id": self.identity(number), "kind": kind.value, "value": value} for kind, value in seen]
        return _table("sightings", rows)

    def about(self) -> dict[str, pl.DataFrame]:
        """Give the tables of reports, targets, claims, posts and enforcements."""
        reports, claims, contents, bans = [], [], [], []
        for number, known in self.known.items():
            account = {"account_id": self.identity(number)}
            raised = FORGED if known["forged"] else "abuse"
            if known["aimed"] or known["forged"]:
                when = START + timedelta(days=500)
                reports.append(
                    {**account, "target_ids": known["aimed"], "category_reported": raised, "reported_at": when}
                )
            if known["claims"]:
                claims.append({**account, "claimed_handle": known["claims"]})
            if known["banned"]:
                bans.append(
                    {
                        **account,
                        "action": "account_banned",
                        "at_earliest": known["banned"],
                        "at_latest": known["banned"],
                    }
                )
            if known["posts"] is not None:
                first = START + timedelta(days=450, hours=known["posts"], minutes=7)
                hours = [first + timedelta(days=day, hours=day % 3) for day in range(12)]
                contents += [{**account, "content_id": f"{number}-{at:%d}", "created_at": at} for at in hours]
        aimed = [
            {"target_id": f"t{at}", "platform": "x", "handle": HANDLES[at], "name": "Asha Verma"} for at in self.targets
        ]
        made = {"reports": reports, "link_claims": claims, "contents": contents, "enforcements": bans, "targets": aimed}
        found = {name: _table(name, rows) for name, rows in made.items()}
        return {"claims" if name == "link_claims" else name: table for name, table in found.items()}


def _table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = tables.dtypes(name)
    return pl.DataFrame([{column: row.get(column) for column in schema} for row in rows], schema=schema)
