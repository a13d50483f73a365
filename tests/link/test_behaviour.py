from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link import activity, behaviour
from graphmatch.link.activity import with_activity
from graphmatch.link.sides import Sides
from graphmatch.model import Action
from graphmatch.tables import TIME, dtypes

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Row = dict[str, Any]


def table(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dtypes(name))


def account(name: str, platform: str = "x", **rest: Any) -> Row:
    made = {"account_id": f"{platform}:{platform}:{name}", "platform": platform, "instance": platform}
    return made | {"native_id": name, "id_kind": "numeric"} | rest


def created(name: str, at: datetime | None, precision: str | None = "exact", platform: str = "y") -> Row:
    return account(name, platform, created_at=at, created_at_precision=precision)


def removed(of: Row, at: datetime | None = NOON, **rest: Any) -> Row:
    made = {"platform": of["platform"], "source": "s", "action": "account_suspended_perm", "action_raw": "s"}
    made |= {"scope": "platform", "account_id": of["account_id"], "at_earliest": at, "at_latest": at, "policies": []}
    made |= rest
    return {"enforcement_id": repr(sorted((key, str(value)) for key, value in made.items()))} | made


def post(of: Row, at: datetime, number: object = 0, **rest: Any) -> Row:
    made = {"content_id": f"{of['account_id']}/{number}/{at}", "platform": of["platform"], "created_at": at}
    return made | {"account_id": of["account_id"], "target_ids": []} | rest


def sides(
    accounts: list[Row], pairs: list[tuple[int, int]], enforcements: Sequence[Row] = (), contents: Sequence[Row] = ()
) -> Sides:
    """Look at pairs of accounts, by their places in the list."""
    known = table("accounts", accounts)
    traits = known.select("account_id", "platform", population=pl.lit("")).sort("account_id")
    traits = with_activity(
        traits, known, table("contents", contents), table("reports", []), table("enforcements", enforcements)
    )
    place = {name: row for row, name in enumerate(traits["account_id"])}
    rows = [[place[accounts[end]["account_id"]] for end in pair] for pair in pairs]
    schema = {"left": pl.UInt32, "right": pl.UInt32}
    return Sides(traits, pl.DataFrame(rows, schema=schema, orient="row"))


def timing(one: Row, two: Row, *enforcements: Row, contents: Sequence[Row] = ()) -> tuple[int | None, float | None]:
    both = sides([one, two], [(0, 1), (1, 0)], enforcements, contents)
    level, rarity = behaviour.timing(both)
    assert level[0] == level[1]
    assert rarity[0] == rarity[1]
    return level[0], rarity[0]


OLD = created("old", NOON - 900 * DAY, platform="x")


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(0), 2),
        (3 * DAY, 2),
        (3 * DAY + timedelta(microseconds=1), 1),
        (30 * DAY, 1),
        (30 * DAY + timedelta(microseconds=1), 0),
        (-timedelta(microseconds=1), 0),
        (-400 * DAY, 0),
    ],
)
def test_a_level_is_how_soon_the_new_account_follows(after: timedelta, expected: int) -> None:
    level, rarity = timing(OLD, created("new", NOON + after), removed(OLD))
    assert level == expected
    assert (rarity is None) == (expected == 0)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-2, 0), (-1, 0), (0, None), (1, 2), (2, 2), (3, 1), (29, 1), (30, None), (31, 0)],
)
def test_a_day_is_a_whole_day(days: int, expected: int | None) -> None:
    midnight = NOON.replace(hour=0)
    new = created("new", midnight + days * DAY, "day")
    assert timing(OLD, new, removed(OLD))[0] == expected


def test_two_days_side_by_side_are_within_three() -> None:
    midnight = NOON.replace(hour=0)
    whole = removed(OLD, at_earliest=midnight, at_latest=midnight + DAY - timedelta(microseconds=1))
    levels = [timing(OLD, created("new", midnight + day * DAY, "day"), whole)[0] for day in (-1, 0, 1, 2, 3)]
    assert levels == [0, None, 2, 2, 1]


def test_what_is_not_known_is_not_observed() -> None:
    new = created("new", NOON + DAY)
    assert timing(OLD, new) == (None, None)
    assert timing(OLD, created("new", None, None), removed(OLD)) == (None, None)
    assert timing(OLD, created("new", NOON + DAY, "unknown"), removed(OLD)) == (None, None)
    assert timing(OLD, created("new", NOON + DAY, "approximate"), removed(OLD)) == (None, None)
    assert timing(OLD, new, removed(OLD, at_earliest=None, at_latest=None)) == (None, None)
    for lesser in ("warning", "label", "content_removed", "account_limited", "muted", "none"):
        assert timing(OLD, new, removed(OLD, action=lesser)) == (None, None)


def test_who_was_seen_before_is_older_whatever_the_profile_says() -> None:
    new = created("new", NOON + DAY)
    assert timing(OLD, new, removed(OLD), contents=[post(new, NOON - DAY)])[0] == 0
    assert timing(OLD, account("new", "y"), removed(OLD), contents=[post(account("new", "y"), NOON - DAY)])[0] == 0


def test_what_was_lifted_does_not_count() -> None:
    new, restored = created("new", NOON + DAY), Action.ACCOUNT_RESTORED.value
    assert timing(OLD, new, removed(OLD), removed(OLD, NOON + 20 * DAY, action=restored)) == (None, None)
    assert timing(OLD, new, removed(OLD), removed(OLD, None, action=restored)) == (None, None)
    assert timing(OLD, new, removed(OLD), removed(OLD, NOON - DAY, action=restored))[0] == 2
    assert (
        timing(OLD, new, removed(OLD, NOON - 9 * DAY), removed(OLD, NOON - DAY, action=restored), removed(OLD))[0] == 2
    )


def test_a_removal_for_a_time_counts_until_it_expires() -> None:
    short = removed(OLD, action="account_suspended_temp", expires_at=NOON + 2 * DAY)
    assert timing(OLD, created("new", NOON + DAY), short)[0] == 2
    assert timing(OLD, created("new", NOON + 2 * DAY + HOUR), short)[0] == 0


def test_a_ban_from_a_community_counts_elsewhere_and_in_it() -> None:
    banned = account("old", "reddit")
    ban = removed(banned, action="community_ban_perm", scope="community", scope_ref="r/Northmoor")
    assert timing(banned, created("new", NOON + DAY), ban)[0] == 2
    again = created("new", NOON + DAY, platform="reddit")
    assert timing(banned, again, ban) == (None, None)
    there = post(again, NOON + 2 * DAY, url="https://www.reddit.com/r/northmoor/comments/1")
    assert timing(banned, again, ban, contents=[there])[0] == 2
    nameless = removed(banned, action="community_ban_perm", scope="community")
    assert timing(banned, again, nameless, contents=[there]) == (None, None)


def test_a_post_names_whose_removal_it_is() -> None:
    at_post = removed(OLD, account_id=None, content_id=post(OLD, NOON - DAY)["content_id"])
    assert timing(OLD, created("new", NOON + DAY), at_post, contents=[post(OLD, NOON - DAY)])[0] == 2


def test_who_is_always_just_removed_says_nothing() -> None:
    bans = [removed(OLD, NOON + hours * HOUR) for hours in range(activity.MOST_REMOVALS + 1)]
    assert timing(OLD, created("new", NOON + DAY), *bans[:-1])[0] == 2
    assert timing(OLD, created("new", NOON + DAY), *bans) == (None, None)


def test_in_a_wave_of_new_accounts_following_is_common() -> None:
    new, quiet = created("new", NOON + DAY), created("new", NOON + DAY, platform="z")
    others = [created(str(number), NOON + DAY + number * HOUR / 10) for number in range(200)]
    both = sides([OLD, new, quiet, *others], [(0, 1), (0, 2)], [removed(OLD)])
    wave, alone = behaviour.timing(both)[1]
    assert wave < 0.5
    assert alone == pytest.approx(-math.log2(50 * 3 / 1000 / 51))


Span = tuple[datetime, datetime]
MOMENTS = st.integers(0, 40).map(lambda days: NOON + days * DAY)
SPANS = st.tuples(MOMENTS, st.sampled_from([0, 1, 2, 6])).map(lambda span: (span[0], span[0] + span[1] * DAY))


def plain(gone: list[Span], made: Span) -> int | None:
    """Try the ends of the intervals: what holds for those holds between them. The end of a making is not in it."""
    arrivals = [made[0], max(made[0], made[1] - timedelta(microseconds=1))]
    found = []
    for first, last in gone:
        days = [first + number * DAY for number in range((last - first).days + 1)]
        levels = {
            0 if not timedelta(0) <= arrived - left <= 30 * DAY else 2 if arrived - left <= 3 * DAY else 1
            for left, arrived in product(days, arrivals)
        }
        found.append(min(levels) if min(levels) or levels == {0} else None)
    sure = max((level for level in found if level is not None), default=0)
    return sure if sure or None not in found else None


def levels_of(cases: list[tuple[list[Span], Span]]) -> list[int | None]:
    """Look at removed accounts and as many that were made, in both directions."""
    count = len(cases)
    spans = [[{"removed_earliest": first, "removed_latest": last} for first, last in gone] for gone, _ in cases]
    nothing = [None] * count
    traits = pl.DataFrame(
        [
            pl.Series("platform", ["x"] * count + ["y"] * count),
            pl.Series("population", [""] * 2 * count),
            pl.Series("removals", spans + nothing, dtype=pl.List(pl.Struct(activity.REMOVAL))),
            pl.Series("communities", nothing * 2, dtype=pl.List(pl.String)),
            pl.Series("arrived_earliest", nothing + [made[0] for _, made in cases], dtype=TIME),
            pl.Series("arrived_latest", nothing + [made[1] for _, made in cases], dtype=TIME),
        ]
    )
    gone, came = list(range(count)), list(range(count, 2 * count))
    there, back = (
        behaviour.timing(Sides(traits, pl.DataFrame({"left": left, "right": right})))[0].to_list()
        for left, right in ((gone, came), (came, gone))
    )
    assert there == back
    return there


def test_levels_hold_wherever_in_their_intervals_things_happened() -> None:
    widths = list(product([0, 1, 2, 6], repeat=2))
    cases = [
        ([(NOON, NOON + gone * DAY)], (NOON + days * DAY, NOON + (days + made) * DAY))
        for days in range(-9, 45)
        for gone, made in widths
    ]
    assert levels_of(cases) == [plain(*case) for case in cases]


@given(st.lists(st.tuples(st.lists(SPANS, min_size=1, max_size=3), SPANS), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_of_several_removals_the_surest_counts(cases: list[tuple[list[Span], Span]]) -> None:
    assert levels_of(cases) == [plain(*case) for case in cases]


def habit(of: Row, at: list[int], *, zone: str = "UTC", days: int = 12) -> list[Row]:
    """Post at these hours of the clock of a zone, a quarter past, on each of some days."""
    first = date(2026, 1, 12)
    return [
        post(of, datetime.combine(first + day * DAY, datetime.min.time(), ZoneInfo(zone)) + hour * HOUR + HOUR / 4)
        for day in range(days)
        for hour in at
    ]


CROWD = [account(f"crowd{number}") for number in range(40)]
EVENINGS = [row for each in CROWD for row in habit(each, [18, 19, 20, 21])]
ONE, TWO = account("one"), account("two", "y")


def hours(one: list[Row], two: list[Row], *, crowd: bool = True) -> tuple[int | None, float | None]:
    others, posts = (CROWD, EVENINGS) if crowd else ([], [])
    both = sides([ONE, TWO, *others], [(0, 1), (1, 0)], contents=[*one, *two, *posts])
    level, rarity = behaviour.hours(both)
    assert level[0] == level[1]
    assert rarity[0] == pytest.approx(rarity[1])
    return level[0], rarity[0]


def test_usual_hours_are_worth_nothing_and_unusual_ones_little() -> None:
    assert hours(habit(ONE, [18, 20, 21]), habit(TWO, [19, 20, 21])) == (1, None)
    level, rarity = hours(habit(ONE, [3, 4]), habit(TWO, [3, 4]))
    assert (level, rarity) == (2, behaviour.MOST_BITS)
    assert hours(habit(ONE, [3, 4]), habit(TWO, [15, 16])) == (0, None)


def test_one_clock_in_two_time_zones_is_two_habits() -> None:
    assert hours(habit(ONE, [3, 4], zone="Europe/London"), habit(TWO, [3, 4], zone="Asia/Tokyo"))[0] == 0
    assert hours(habit(ONE, [12, 13], zone="Asia/Tokyo"), habit(TWO, [3, 4], zone="Europe/London"))[0] == 2


def test_an_hour_of_summer_time_moves_no_habit_far() -> None:
    moved = [hours(habit(ONE, [3, 4, 5]), habit(TWO, [3 + by, 4 + by, 5 + by]))[0] for by in (0, 1, 2, 5)]
    assert moved == [2, 1, 1, 0]


def test_few_posts_show_no_habit() -> None:
    two = habit(TWO, [3, 4])
    assert hours(habit(ONE, [3, 4], days=5), two)[0] == 2
    assert hours(habit(ONE, [3], days=9), two) == (None, None)
    assert hours(habit(ONE, list(range(10)), days=1), two) == (None, None)
    quarrel = [
        post(ONE, NOON + day * DAY + second * timedelta(seconds=7), second)
        for day in range(3)
        for second in range(1, 40)
    ]
    assert hours(quarrel, two) == (None, None)


def test_whole_hours_are_no_moments() -> None:
    days = [post(ONE, datetime(2026, 3, day, hour, minute, tzinfo=UTC), day)
            for day in range(1, 25) for hour, minute in [(0, 0), (23, 0), (18, 30)]]  # fmt: skip
    assert hours(days, habit(TWO, [18, 19])) == (None, None)


def test_what_all_keep_tells_nothing() -> None:
    everyone = [account(f"e{number}") for number in range(300)]
    posts = [row for each in everyone for row in habit(each, [3, 4], days=6)]
    both = sides(everyone, [(0, 1)], contents=posts)
    assert behaviour.hours(both)[0].to_list() == [1]


COUNTS = st.lists(st.integers(0, 9), min_size=24, max_size=24).filter(any)


def of_counts(*rows: list[int]) -> pl.DataFrame:
    table = pl.Series("hours", np.array(rows, dtype=np.uint16), dtype=pl.Array(pl.UInt16, 24))
    return pl.DataFrame([pl.Series("population", ["p"] * len(rows)), table])


@given(COUNTS, COUNTS, COUNTS)
@settings(deadline=None, max_examples=40)
def test_bits_and_distance_are_those_of_the_formula(one: list[int], two: list[int], crowd: list[int]) -> None:
    usual = behaviour.Habits(of_counts(one, two, crowd))
    # What the first post of a table weighs is where its product starts.
    weight = np.exp2(usual.by_hour[0, :, 1])

    def likelihood(counts: np.ndarray) -> float:
        each = sum(math.lgamma(n + w) - math.lgamma(w) for n, w in zip(counts, weight, strict=True))
        return each - math.lgamma(counts.sum() + weight.sum()) + math.lgamma(weight.sum())

    a, b = np.array(one), np.array(two)
    expected = (likelihood(a + b) - likelihood(a) - likelihood(b)) / math.log(2)
    assert usual.bits(np.array([0]), a[None], b[None])[0] == pytest.approx(expected, abs=1e-8)
    assert weight / weight.sum() == pytest.approx(usual.share[0])
    low, high = behaviour.LIKENESS_BOUNDS
    assert low - 1e-9 <= 1 / (1 + weight.sum()) <= high + 1e-9
    assert behaviour.distance(a[None], a[None], usual.share)[0] == pytest.approx(0, abs=1e-7)
    assert 0 <= behaviour.distance(a[None], b[None], usual.share)[0] <= 1


@given(COUNTS, COUNTS, st.permutations(range(3)))
@settings(deadline=None, max_examples=30)
def test_hours_know_no_left_and_right_nor_order_of_rows(one: list[int], two: list[int], order: list[int]) -> None:
    rows = [one, two, [1] * 24]
    there = behaviour.hours(Sides(of_counts(*rows), pl.DataFrame({"left": [0], "right": [1]})))
    moved = of_counts(*[rows[place] for place in order])
    back = behaviour.hours(Sides(moved, pl.DataFrame({"left": [order.index(1)], "right": [order.index(0)]})))
    assert there[0].equals(back[0])
    assert there[1].to_list() == pytest.approx(back[1].to_list(), nan_ok=True) or there[1].equals(back[1])


def test_no_pairs_and_no_times_give_no_rows_and_no_levels() -> None:
    both = sides([ONE, TWO], [])
    assert [series.len() for series in [*behaviour.timing(both), *behaviour.hours(both)]] == [0, 0, 0, 0]
    both = sides([ONE, TWO], [(0, 1)])
    made = pl.DataFrame([*behaviour.timing(both), *behaviour.hours(both)])
    assert made.columns == ["timing_level", "timing_rarity", "hours_level", "hours_rarity"]
    assert made.dtypes == [pl.Int8, pl.Float64] * 2
    assert made.row(0) == (None, None, None, None)


def test_ten_thousand_alike_take_little_memory() -> None:
    counts = np.zeros((10_000, 24), dtype=np.uint16)
    counts[:, 8:20] = 5
    traits = pl.DataFrame(
        [
            pl.Series("population", ["p"] * 10_000),
            pl.Series("hours", counts, dtype=pl.Array(pl.UInt16, 24)),
        ]
    )
    random = np.random.default_rng(0)
    pairs = pl.DataFrame({side: random.integers(0, 10_000, 200_000) for side in ("left", "right")})
    both = Sides(traits, pairs)
    tracemalloc.start()
    try:
        level, rarity = behaviour.hours(both)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert set(level) == {1}
    assert rarity.null_count() == 200_000
    # All at once it would be 200,000 rows of 24 numbers of 8 bytes, for each of some ten steps.
    assert peak < 120e6
