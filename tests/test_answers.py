"""Questions that several rooms answer: the evidence of times does not prove flows, and lags know what was released."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from graphmatch import tables
from graphmatch.answers import Known, flows_against_chance, lags
from graphmatch.lag import SHARED
from graphmatch.link import default
from graphmatch.migration.flows import Facet
from graphmatch.settings import load

DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
PAIRS = 6


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


def names(number: int) -> tuple[str, str]:
    return f"bluesky:bsky:{number}", f"mastodon:a.example:{number}"


def known() -> Known:
    accounts, enforcements, reports = [], [], []
    for number in range(PAIRS):
        new, old = names(number)
        left = DAY0 + timedelta(days=30 * number)
        for name, made in ((new, left + timedelta(days=1)), (old, DAY0 - timedelta(days=400))):
            platform, instance, _ = name.split(":")
            row = {"account_id": name, "platform": platform, "instance": instance, "created_at": made}
            accounts.append({**row, "created_at_precision": "exact"})
        act = {"enforcement_id": f"e{number}", "account_id": old, "action": "account_suspended_perm"}
        enforcements.append({**act, "scope": "platform", "at_earliest": left, "at_latest": left})
        reported = left + timedelta(days=3)
        report = {"report_id": f"r{number}", "account_id": new, "gate": "terms", "reported_at": reported}
        reports.append({**report, "category_reported": "abuse.insult"})
    blank = {name: frame(name, []) for name in ("sightings", "contents", "targets")}
    return Known(
        accounts=frame("accounts", accounts),
        enforcements=frame("enforcements", enforcements),
        reports=frame("reports", reports),
        **blank,
    )


def matches(**bits: float) -> pl.DataFrame:
    """One match a pair, of a contact value and of times; its weight is the sum of prior and bits."""
    rows = []
    weight = -10.0 + sum(bits.values())
    for number in range(PAIRS):
        new, old = names(number)
        row: dict[str, Any] = {name: 0.0 for name, dtype in tables.dtypes("matches").items() if dtype == pl.Float64}
        row |= {"left": new, "right": old, "prior_bits": -10.0, "match_weight": weight}
        row |= {f"{name}_bits": value for name, value in bits.items()}
        row |= {"match_probability": 1 / (1 + 2**-weight), "standing": "suggested", "story": "same_operator"}
        rows.append(row)
    return frame("matches", rows)


def against_chance(found: pl.DataFrame) -> dict[str, Any]:
    settings = load(None, {"permutations": 999})
    counted = flows_against_chance(known(), frame("migrations", []), found, default(), facet=None, settings=settings)
    return counted.row(0, named=True) if counted.height else {}


def test_a_flow_of_links_that_stand_without_times_is_tested() -> None:
    found = against_chance(matches(contact=15.0))
    assert (found["chances"], found["tested"], found["verdict"]) == (PAIRS, PAIRS, "beyond_chance")


def test_links_that_rest_on_times_prove_no_flow() -> None:
    made = matches(contact=11.0, timing=4.0)
    assert made["match_probability"].min() > 0.95
    assert against_chance(made) == {}


def test_links_that_times_spoke_against_are_tested_like_any_other() -> None:
    made = matches(contact=15.0, timing=-3.0)
    assert made["match_probability"].max() < 0.9
    assert against_chance(made)["tested"] == PAIRS


def test_moves_long_after_a_removal_are_not_tested() -> None:
    settings = load(None, {"permutations": 99, "flow_days": 14, "window_days": 90})
    later = known()
    moved = later.accounts.with_columns(
        created_at=pl.when(platform="bluesky").then(pl.col("created_at") + pl.duration(days=20)).otherwise("created_at")
    )
    later = Known(**{**{name: getattr(later, name) for name in Known.__slots__}, "accounts": moved})
    reports = later.reports.with_columns(pl.col("reported_at") + pl.duration(days=20))
    later = Known(**{**{name: getattr(later, name) for name in Known.__slots__}, "reports": reports})
    made = matches(contact=15.0)
    blank = frame("migrations", [])
    found = flows_against_chance(later, blank, made, default(), facet=None, settings=settings)
    assert (found["tested"].sum(), found["chances"].sum()) == (0, PAIRS)


def test_no_matches_give_no_flows() -> None:
    assert against_chance(matches().clear()) == {}


@pytest.mark.parametrize("facet", list(Facet))
def test_flows_are_split(facet: Facet) -> None:
    settings = load(None, {"permutations": 99})
    made = matches(contact=15.0)
    found = flows_against_chance(known(), frame("migrations", []), made, default(), facet=facet, settings=settings)
    assert found["tested"].sum() == PAIRS
    assert "value" in found.columns


def test_lags_are_counted_up_to_the_newest_report() -> None:
    found = lags(known(), frame("migrations", []), pl.DataFrame(schema=SHARED), window_days=90)
    assert found.end == DAY0 + timedelta(days=30 * (PAIRS - 1) + 3)
    days = sorted(found.cases["followed_days"])
    assert days == [3.0, 33.0, 63.0, 90.0, 90.0, 90.0]
