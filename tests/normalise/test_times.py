from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.errors import ConfigError
from graphmatch.model import Precision
from graphmatch.normalise import times

LONDON = "Europe/London"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month … as many as given


def test_plausible_years_are_those_of_the_tables() -> None:
    assert times.PLAUSIBLE_YEARS == tables.PLAUSIBLE_YEARS


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-04-14T22:20:03.590Z", utc(2026, 4, 14, 22, 20, 3, 590000)),
        ("2026-04-14T22:20:03.123456789Z", utc(2026, 4, 14, 22, 20, 3, 123456)),
        ("2026-04-14T23:20:03+01:00", utc(2026, 4, 14, 22, 20, 3)),
        ("2026-04-14T23:20:03+0100", utc(2026, 4, 14, 22, 20, 3)),
        ("2026-04-14 22:20", utc(2026, 4, 14, 22, 20)),
        ("2026-04-14", utc(2026, 4, 14)),
        ("2016-12-31T23:59:60Z", utc(2016, 12, 31, 23, 59, 59)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("2026-02-30", None),
        ("2026-04-14T25:00:00Z", None),
        ("14/04/2026", None),
        ("", None),
        ("2026-04-14T22:20:03Z" * 9999, None),
    ],
)
def test_iso_times(value: str, expected: datetime | None) -> None:
    assert times.from_iso(value) == expected


@settings(deadline=None, max_examples=300)
@given(st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?Z", fullmatch=True))
def test_the_common_way_to_write_a_time_is_read_like_the_others(value: str) -> None:
    assert times.from_iso(value) == times.from_iso(value.removesuffix("Z") + "+00:00")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1776196812, utc(2026, 4, 14, 20, 0, 12)),
        ("1776196812", utc(2026, 4, 14, 20, 0, 12)),
        (1776196812.5, utc(2026, 4, 14, 20, 0, 12, 500000)),
        (1776196812123, utc(2026, 4, 14, 20, 0, 12, 123000)),
        (0, None),
        (True, None),
        ("1.776E9", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("soon", None),
    ],
)
def test_epoch_times(value: float | str, expected: datetime | None) -> None:
    assert times.from_epoch(value) == expected


@pytest.mark.parametrize(
    "value",
    ["11/04/2026", "11 April 2026", "April 11, 2026", "2026-04-11", "Sat, April 11, 2026", "11th Apr 2026", "11.4.26"],
)
def test_a_day_is_an_interval_of_the_zone(value: str) -> None:
    expected = (utc(2026, 4, 10, 23), utc(2026, 4, 11, 23) - timedelta(microseconds=1), Precision.DAY)
    assert times.from_local(value, LONDON) == expected


@pytest.mark.parametrize(
    "value",
    [
        "11/04/2026 10:30",
        "2026-04-11 10:30",
        "11 April 2026 at 10:30am",
        "2026-04-11T09:30:00Z",
        "Sat, 11 Apr 2026 09:30:00 +0000",
    ],
)
def test_minutes_make_a_time_exact(value: str) -> None:
    assert times.from_local(value, LONDON) == (utc(2026, 4, 11, 9, 30), utc(2026, 4, 11, 9, 30), Precision.EXACT)


def test_the_day_comes_first_unless_told_otherwise() -> None:
    british, american = times.from_local("02/04/2026", "UTC"), times.from_local("02/04/2026", "UTC", dayfirst=False)
    assert british is not None
    assert american is not None
    assert (british[0], american[0]) == (utc(2026, 4, 2), utc(2026, 2, 4))


def test_the_hour_that_autumn_repeats_is_approximate() -> None:
    found = times.from_local("25/10/2026 01:30", LONDON)
    assert found == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30), Precision.APPROXIMATE)


def test_a_day_of_summer_times_end_has_25_hours() -> None:
    found = times.from_local("25/10/2026", LONDON)
    assert found is not None
    assert found[1] - found[0] == timedelta(hours=25) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    "value", ["", "soon", "31/02/2026", "32/01/2026", "11/04/1066", "Apricot 11, 2026", "1.01421E+18"]
)
def test_what_is_no_time_is_none(value: str) -> None:
    assert times.from_local(value, LONDON) is None


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ConfigError, match="Europe/Northmoor"):
        times.from_local("11/04/2026", "Europe/Northmoor")


@settings(deadline=None, max_examples=100)
@given(
    st.datetimes(datetime(1996, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - naive on purpose
    st.sampled_from([LONDON, "UTC", "America/New_York", "Asia/Kathmandu"]),
)
def test_a_local_time_lies_in_its_interval_and_in_its_day(naive: datetime, zone: str) -> None:
    naive = naive.replace(second=0, microsecond=0)
    exact = times.from_local(f"{naive:%d/%m/%Y %H:%M}", zone)
    day = times.from_local(f"{naive:%d/%m/%Y}", zone)
    assert exact is not None
    assert day is not None
    assert exact[0] <= naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) <= exact[1]
    assert day[0] <= exact[1]
    assert exact[0] <= day[1]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (times.from_mastodon_id("114094772542729759"), utc(2025, 3, 2, 20, 41, 7, 363000)),
        (times.from_mastodon_id(12), None),
        (times.from_mastodon_id(1.14e17), None),
        (times.from_mastodon_id("1.14094772542729E+17"), None),
        (times.from_x_id("1844664232967103008"), utc(2024, 10, 11, 9)),
        (times.from_x_id("23849985"), None),
        (times.from_x_id("9" * 30), None),
        (times.from_x_id(True), None),
        (times.from_discord_id("1498775818098604211"), utc(2026, 4, 28, 20, 0, 0, 942000)),
        (times.from_discord_id(707169720731142643), utc(2020, 5, 5, 10)),
        (times.from_discord_id("1.49877581809860E+18"), None),
        (times.from_discord_id(1.498775818098604e18), None),
        (times.from_discord_id("1024"), None),
        (times.from_discord_id("0"), None),
        (times.from_discord_id("9" * 30), None),
        (times.from_discord_id(None), None),
        (times.from_tid("3mjxjxe36m2yn"), utc(2026, 4, 20, 22, 40, 1)),
        (times.from_tid("self"), None),
        (times.from_aidx("al6u7ds09x4kfia9"), utc(2026, 4, 17, 19)),
        (times.from_aidx("9gmswlc0a1"), utc(2023, 7, 1)),
        (times.from_aidx("al6u7ds0"), None),
        (times.from_aidx("AL6U7DS09X4KFIA9"), None),
        (times.from_aidx("zzzzzzzz00"), utc(2089, 5, 24, 17, 38, 27, 455000)),
        (times.from_aidx("0000000000000000"), utc(2000, 1, 1)),
        (times.from_tid("zzzzzzzzzzzzz"), None),
    ],
)
def test_ids_carry_their_time(found: datetime | None, expected: datetime | None) -> None:
    assert found == expected


def test_the_latest_of_the_known_times() -> None:
    assert times.latest(None, utc(2026, 1, 1), utc(2026, 1, 2)) == utc(2026, 1, 2)
    assert times.latest(None) is None
