from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.activity import with_activity
from graphmatch.migration.facts import gather
from graphmatch.migration.times import creation
from graphmatch.model import Precision, Scope
from graphmatch.tables import dtypes

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Row = dict[str, Any]
NAME = "x:x:1"
ONE: Row = {"account_id": NAME, "platform": "x", "instance": "x", "native_id": "1", "id_kind": "numeric"}
TWO: Row = ONE | {"account_id": "x:x:2", "native_id": "2"}
#: Of nobody's, on forty days.
POSTS: list[Row] = [
    {"content_id": str(day), "platform": "x", "created_at": NOON + day * DAY + timedelta(minutes=7), "target_ids": []}
    for day in range(40)
]


def table(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dtypes(name))


def of_accounts(accounts: Sequence[Row], enforcements: Sequence[Row] = ()) -> pl.DataFrame:
    known = table("accounts", accounts)
    return with_activity(known, known, table("contents", []), table("reports", []), table("enforcements", enforcements))


ENDS = st.none() | st.integers(-40, 40).map(lambda hours: NOON + hours * HOUR)


@given(ENDS, st.none() | st.sampled_from([each.value for each in Precision]), ENDS)
@settings(deadline=None, max_examples=60)
def test_arrivals_are_those_of_migrations(at: datetime | None, precision: str | None, seen: datetime | None) -> None:
    of = ONE | {"created_at": at, "created_at_precision": precision, "first_observed_at": seen}
    row = of_accounts([of]).row(0, named=True)
    expected = creation(at, precision, seen)
    assert (row["arrived_earliest"], row["arrived_latest"]) == (expected.earliest, expected.latest)


PLACES = st.sampled_from([("platform", None), ("community", "r/a"), ("community", "r/b"), ("community", None)])
STEPS = st.tuples(
    st.sampled_from(["account_suspended_perm", "community_ban_temp", "account_restored", "warning", "login_disabled"]),
    st.none() | st.integers(0, 5).map(lambda days: NOON + days * DAY),
    PLACES,
)


@given(st.lists(STEPS, max_size=5))
@settings(deadline=None, max_examples=60)
def test_removals_are_those_of_migrations(steps: list[tuple[str, datetime | None, tuple[str, str | None]]]) -> None:
    shared: Row = {"platform": "x", "source": "s", "action_raw": "s", "account_id": NAME, "policies": []}
    rows = [
        {"enforcement_id": str(number), "action": action, "scope": scope, "scope_ref": ref}
        | {"at_earliest": at, "at_latest": at}
        | shared
        for number, (action, at, (scope, ref)) in enumerate(steps)
    ]
    mine = of_accounts([ONE], rows)["removals"].to_list()[0]
    reports, contents, sightings = (table(name, []) for name in ("reports", "contents", "sightings"))
    gathered = gather(
        table("accounts", [ONE]), table("enforcements", rows), reports, contents, sightings, {NAME: [NAME]}
    )
    facts = gathered[NAME]
    theirs = {
        (removal.span.earliest, removal.scope == Scope.COMMUNITY)
        for removal in facts.removals
        if not removal.undone and removal.span.earliest
    }
    assert {(each["removed_earliest"], each["community"] is not None) for each in mine or []} == theirs


def test_a_bare_list_of_accounts_has_days() -> None:
    bare = pl.DataFrame({"account_id": ["a", "b", "c"], "created_at": ["2026-04-10T12:00:00Z", "no date", None]})
    made = with_activity(bare.select("account_id", platform=pl.lit("x")), bare)
    assert made["arrived_earliest"].to_list() == [datetime(2026, 4, 10, tzinfo=UTC), None, None]
    assert made["arrived_latest"].to_list() == [datetime(2026, 4, 11, tzinfo=UTC), None, None]
    assert made.select("removals", "communities", "hours").null_count().row(0) == (3, 3, 3)


def test_contents_without_author_are_of_the_one_account_that_is_reported_for_them() -> None:
    known = table("accounts", [ONE, TWO])
    contents = table("contents", POSTS)
    ids = contents["content_id"].to_list()
    report: Row = {"report_id": "r", "source": "s", "source_kind": "report", "platform": "x", "category_reported": "c"}
    report |= {"specificity": "none", "gate": "terms", "count": 1, "target_ids": [], "content_ids": ids}
    rows = [report | {"account_id": ONE["account_id"]}]
    assert with_activity(known, known, contents, table("reports", rows))["hours"].null_count() == 1
    rows.append(report | {"report_id": "q", "account_id": TWO["account_id"]})
    assert with_activity(known, known, contents, table("reports", rows))["hours"].null_count() == 2
