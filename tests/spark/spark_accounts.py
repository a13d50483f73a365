"""A few hundred accounts for tests: two populations, links to each other's profiles, a hub key, odd letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

FIRST = ("Ann", "Björn", "Chidi", "Dana", "Eoin", "Fatima", "Grzegorz", "Hana", "Ivo", "Юлия")
LAST = ("Grimwald", "O'Neil", "Tarkowski", "Smith", "Marsh", "Fenwick", "Achebe", "Quill")
PLATFORMS = (("mastodon", "social.example"), ("mastodon", "town.example"), ("bluesky", ""), ("reddit", ""), ("x", ""))


def accounts(count: int = 240, seed: int = 3) -> pl.DataFrame:
    """Make accounts, several of each of some people, in no order."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        person = int(random.integers(0, count // 3))
        first, last = FIRST[person % len(FIRST)], LAST[(person // 3) % len(LAST)]
        platform, instance = PLATFORMS[int(random.integers(0, len(PLATFORMS)))]
        handle = [f"{first}_{last}{person}", f"{first[0]}{last}{person % 7}", f"{last}.{first}"][number % 3]
        bio = [None, f"Loves {last} football. See https://twitter.com/{first}_{last}{person}", "admin"][number % 3]
        rows.append(
            {
                "account_id": f"{platform}:{instance}:{number * 7919 % 10007}",
                "platform": platform,
                "instance": instance or None,
                "dataset": "north" if person % 5 else "south",
                "handle": "admin" if number % 11 == 0 else handle,
                "display_name": f"{first} {last}" if number % 4 else None,
                "bio": bio,
                "url": f"https://{last.lower()}{person}.example/me" if number % 5 == 0 else None,
                "location": ("Saltmire", "Port Ellen", None)[person % 3],
                "avatar_url": f"{person:08x}" if number % 2 else None,
                "created_at": datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=number),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"created_at": pl.Datetime("us", "UTC")})
