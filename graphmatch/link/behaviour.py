"""Comparing behaviour: one account made after the other was removed, and the hours of the day at which both post.

In: `Sides` of traits with `graphmatch.link.activity.with_activity`. Out: level and rarity of each pair, symmetric, with
no loop over pairs. Both are weak: they support other evidence and never decide alone. A sign-up wave makes many
accounts at once, and a whole time zone shares its hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.activity import MOST_HOURS

if TYPE_CHECKING:
    from graphmatch.link.sides import Sides

#: The label of each level, from 0.
LABELS: dict[str, tuple[str, ...]] = {
    "timing": (
        "neither account made just after the other was removed",
        "one account made within 30 days after the other was removed",
        "one account made within 3 days after the other was removed",
    ),
    "hours": (
        "posts at other hours of the day",
        "posts at usual hours of the day",
        "posts at the same unusual hours (as its whole time zone may)",
    ),
}
#: Days after a removal within which a new account counts, for levels 1 and 2.
WINDOWS = (30, 3)
#: Before anything is counted, an account's making is spread over so many days, which weigh as many accounts as this.
SPREAD_DAYS, SPREAD_WEIGHT = 1000.0, 50.0
#: Hours further apart than the first are other hours, nearer than the second the same (Hellinger distance, 0 to 1).
FAR, NEAR = 0.5, 0.2
#: Of the same hours, so many bits against the population's make them unusual; more than the last are not believed.
UNUSUAL, MOST_BITS = 2.0, 4.0
#: How much likelier two posts of one account are in the same hour than those of two (0: no habits, 1: an hour each):
#: the usual value, measured on the dated work of 546 people, and the bounds in which a population's own may lie.
LIKENESS, LIKENESS_BOUNDS = 0.02, (0.002, 0.06)
#: Of posts at the population's hours, how many each account is given before two are compared.
BORROWED = 2.0
#: As many accounts at even hours and of usual likeness are added to the population.
EVEN_ACCOUNTS = 10.0
#: Neighbouring hours are alike, and a habit moves by an hour when clocks change.
KERNEL = (1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9)
#: Pairs at a time: bounds memory.
CHUNK = 20_000
#: Of a composed key, the bits that a time in seconds takes.
TIME_BITS = 36

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def timing(both: Sides) -> list[pl.Series]:
    """Compare when one account was made with when the other was removed: level and rarity.

    Times are intervals, and a level holds only if it does wherever in them things happened. What may or may not be so
    is null, as is a pair of which neither was removed or nothing is known of the other's making. A removal that was
    lifted doesn't count, an expired one only until then, and a ban from one community only for accounts on other
    platforms or in it. The rarity is how unlikely it is that an account of the newer one's platform is made in such a
    window, in bits.
    """
    wide = ("removals", "platform", "population", "communities", "arrived_earliest", "arrived_latest")
    removed = both.encoded.observed("removals")
    some = np.flatnonzero(removed[both.rows[0]] | removed[both.rows[1]])
    level, rarity = np.full(both.size, -1, dtype=np.int8), np.full(both.size, np.nan)
    for start in range(0, some.size, CHUNK):
        part = some[start : start + CHUNK]
        left, right = (both.traits.select(wide)[rows[part]] for rows in both.rows)
        frame = pl.concat([left, right.rename(lambda name: f"{name}_r")], how="horizontal")
        sides = [_after(frame, both.encoded.arrivals(), *side) for side in (("", "_r"), ("_r", ""))]
        made = _either(sides, frame.height)
        level[part] = made["level"].fill_null(-1).to_numpy()
        rarity[part] = made["rarity"].fill_null(float("nan")).to_numpy()
    return _columns("timing", level, rarity)


class Arrivals:
    """How many accounts of a platform were made within some time, from their sorted times."""

    def __init__(self, traits: pl.DataFrame) -> None:
        self.by = ["population", "platform"]
        known = traits.select(*self.by, pl.col("arrived_earliest").alias("at")).drop_nulls("at")
        self.groups = known.group_by(self.by).len("arrivals").sort(self.by).with_row_index("group")
        known = known.join(self.groups, on=self.by)
        self.keys = np.sort(_keys(known["group"], known["at"]))

    def within(self, frame: pl.DataFrame, first: str, last: str) -> Ints:
        """Count the arrivals in ``[first, last]`` of each row's ``group``; a row without group has none."""
        group = frame["group"].fill_null(self.groups.height)
        low = np.searchsorted(self.keys, _keys(group, frame[first]), side="left")
        high = np.searchsorted(self.keys, _keys(group, frame[last]), side="right")
        return np.asarray(np.maximum(high - low, 0))


def _keys(group: pl.Series, at: pl.Series) -> Ints:
    return np.asarray((group.cast(pl.Int64).to_numpy() << TIME_BITS) + at.dt.epoch("s").to_numpy())


def _after(part: pl.DataFrame, arrivals: Arrivals, mine: str, theirs: str) -> pl.DataFrame:
    """Compare the removals of one side with the making of the other.

    Gives ``pair``, the highest ``level`` that is sure, whether a higher one than 0 may be (``open``), and how likely an
    arrival in any window of each length is (``chance_1``, ``chance_2``).
    """
    rows = part.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("pair"),
        pl.col(f"removals{mine}").alias("removal"),
        (pl.col("platform") == pl.col("platform_r")).alias("same_platform"),
        *[pl.col(f"{name}{theirs}").alias(name) for name in ("population", "platform", "communities")],
        *[pl.col(f"arrived_{end}{theirs}").alias(end) for end in ("earliest", "latest")],
    )
    rows = rows.drop_nulls("removal").explode("removal").unnest("removal")
    inside = pl.col("communities").list.contains(pl.col("community")).fill_null(value=False)
    rows = rows.filter(pl.col("community").is_null() | ~pl.col("same_platform") | inside)
    rows = rows.join(arrivals.groups, on=arrivals.by, how="left", maintain_order="left")
    ends = [
        pl.min_horizontal(pl.col(f"removed_{end}") + pl.duration(days=days), "until").alias(f"{end}_end_{level}")
        for level, days in enumerate(WINDOWS, start=1)
        for end in ("earliest", "latest")
    ]
    rows = rows.with_columns(ends).with_columns(_sure_level(), _is_open())
    rows = rows.with_columns(
        pl.Series(f"chance_{level}", _chance(rows, arrivals, level, days))
        for level, days in enumerate(WINDOWS, start=1)
    )
    return rows.group_by("pair").agg(
        pl.col("level").max(), pl.col("open").any(), *[pl.col(f"chance_{level}").sum() for level in (1, 2)]
    )


def _sure_level() -> pl.Expr:
    """Give the level that holds wherever in their intervals the removal and the making lie; 0 else."""
    later = pl.col("earliest") >= pl.col("removed_latest")
    level = pl.lit(0, dtype=pl.Int8)
    for number in (1, 2):
        sure = later & (pl.col("latest") <= pl.col(f"earliest_end_{number}"))
        level = pl.when(sure.fill_null(value=False)).then(pl.lit(number, dtype=pl.Int8)).otherwise(level)
    return level.alias("level")


def _is_open() -> pl.Expr:
    """Tell whether the making may lie in the longest window after the removal."""
    first, last, removed = pl.col("earliest"), pl.col("latest"), pl.col("removed_earliest")
    # The end of a day is the beginning of the next, and no longer in it.
    before = ((last < removed) | ((last == removed) & (first < last))).fill_null(value=False)
    beyond = (first > pl.col("latest_end_1")).fill_null(value=False)
    return (~before & ~beyond).alias("open")


def _chance(rows: pl.DataFrame, arrivals: Arrivals, level: int, days: int) -> Floats:
    """Share of the platform's accounts made in the window, the newer itself left out; smoothed by an even spread."""
    rivals = np.maximum(arrivals.within(rows, "removed_earliest", f"latest_end_{level}") - 1, 0)
    everyone = rows["arrivals"].fill_null(0).to_numpy().astype(np.float64)
    return np.asarray((rivals + SPREAD_WEIGHT * days / SPREAD_DAYS) / (everyone + SPREAD_WEIGHT))


def _either(sides: list[pl.DataFrame], height: int) -> pl.DataFrame:
    """Take the higher level of both directions, and of equal ones the rarer."""
    pairs = pl.DataFrame({"pair": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    chance = pl.when(pl.col("level") == 1).then("chance_1").when(pl.col("level") == 2).then("chance_2")
    found = [
        side.select("pair", "level", "open", (-chance.clip(upper_bound=1.0).log(2)).alias("rarity")) for side in sides
    ]
    both = pl.concat(found).sort("pair", "level", "rarity", nulls_last=False)
    best = both.group_by("pair").agg(pl.col("level").last(), pl.col("rarity").last(), pl.col("open").any())
    level = pl.when((pl.col("level") > 0) | ~pl.col("open")).then("level")
    joined = pairs.join(best, on="pair", how="left", maintain_order="left")
    return joined.select(level.cast(pl.Int8).alias("level"), pl.col("rarity").cast(pl.Float64))


def hours(both: Sides) -> list[pl.Series]:
    """Compare the hours of the day (UTC) at which both post: level and rarity.

    The level is by the Hellinger distance of the smoothed histograms. The rarity is the logarithm of the Bayes factor
    of one habit against two, drawn around the population's as widely as its accounts differ (Dirichlet-multinomial),
    in bits, at most `MOST_BITS`: near nothing for hours that everybody keeps. Whoever lives in another time zone than
    most looks unusual, and like all who live there: weak evidence. Null where either has too few posts
    (`graphmatch.link.activity`).
    """
    observed = both.encoded.observed("hours")
    level, rarity = np.full(both.size, -1, dtype=np.int8), np.full(both.size, np.nan)
    hours = both.traits.select("population", "hours")
    if observed.any():
        # A census that was taken before anybody of a population posted knows no habits of it.
        observed = (
            observed & hours["population"].is_in(both.encoded.habits().populations["population"].implode()).to_numpy()
        )
    some = np.flatnonzero(observed[both.rows[0]] & observed[both.rows[1]])
    for start in range(0, some.size, CHUNK):
        part = some[start : start + CHUNK]
        left, right = (hours[rows[part]] for rows in both.rows)
        level[part], rarity[part] = _compared(left, right, both.encoded.habits())
    return _columns("hours", level, rarity)


def _columns(name: str, level: NDArray[np.int8], rarity: Floats) -> list[pl.Series]:
    made = pl.Series(f"{name}_level", level)
    return [made.set(made < 0, None), pl.Series(f"{name}_rarity", rarity).fill_nan(None)]


class Habits:
    """The hours of each population, and what counts of posts weigh against them."""

    def __init__(self, traits: pl.DataFrame) -> None:
        known = traits.select("population", "hours").drop_nulls("hours")
        self.populations = known.select(pl.col("population").unique().sort()).with_row_index("place")
        counts = _table(known["hours"])
        place = known.join(self.populations, on="population", maintain_order="left")["place"].to_numpy()
        sums = counts.sum(axis=1, keepdims=True)
        accounts = np.bincount(place, minlength=self.populations.height)[:, None] + EVEN_ACCOUNTS
        share = np.zeros((self.populations.height, 24))
        np.add.at(share, place, counts / np.maximum(sums, 1))
        self.share = (share + EVEN_ACCOUNTS / 24) / accounts
        chance = (self.share**2).sum(axis=1, keepdims=True)
        agreed = (counts * (counts - 1)).sum(axis=1, keepdims=True) / np.maximum(sums * (sums - 1), 1)
        alike = np.zeros_like(chance)
        np.add.at(alike, place, (agreed - chance[place]) / (1 - chance[place]))
        alike = np.clip((alike + EVEN_ACCOUNTS * LIKENESS) / accounts, *LIKENESS_BOUNDS)
        weight = 1 / alike - 1
        # Accounts that came after the census may have posted more than any before; rounding adds half a post an hour.
        most = 2 * max(int(sums.max(initial=0)), MOST_HOURS + 12)
        self.by_hour, self.by_sum = _rising(weight * self.share, most), _rising(weight[:, 0], most)

    def bits(self, place: Ints, one: Ints, two: Ints) -> Floats:
        """Give the logarithm of the Bayes factor of one habit against two, for each two rows of counts."""
        at, hour = place[:, None], np.arange(24)[None, :]
        each = self.by_hour[at, hour, one + two] - self.by_hour[at, hour, one] - self.by_hour[at, hour, two]
        sums = one.sum(axis=1), two.sum(axis=1)
        whole = self.by_sum[place, sums[0] + sums[1]] - self.by_sum[place, sums[0]] - self.by_sum[place, sums[1]]
        return np.asarray(each.sum(axis=1) - whole)


def _rising(start: Floats, most: int) -> Floats:
    """Tabulate log2 of ``start * (start + 1) * … * (start + n - 1)`` for n = 0 to ``most``, on a new last axis."""
    steps = np.log2(start[..., None] + np.arange(most))
    return np.concatenate([np.zeros((*start.shape, 1)), np.cumsum(steps, axis=-1)], axis=-1)


def smoothed(table: Floats | Ints) -> Floats:
    """Spread each hour over its neighbours, round the clock. Shape (rows, 24), sums kept."""
    reach = len(KERNEL) // 2
    return np.asarray(sum(w * np.roll(table, shift, axis=1) for shift, w in enumerate(KERNEL, start=-reach)))


def distance(one: Ints, two: Ints, share: Floats) -> Floats:
    """Give the Hellinger distance in [0, 1] of each two rows of counts, smoothed and with posts of ``share`` added."""
    roots = [smoothed(counts) + BORROWED * share for counts in (one, two)]
    roots = [np.sqrt(table / table.sum(axis=1, keepdims=True)) for table in roots]
    return np.asarray(np.sqrt(np.clip(1.0 - (roots[0] * roots[1]).sum(axis=1), 0.0, 1.0)))


def _table(hours: pl.Series) -> Ints:
    return hours.to_numpy().astype(np.int64).reshape(-1, 24)


def _compared(left: pl.DataFrame, right: pl.DataFrame, habits: Habits) -> tuple[NDArray[np.int8], Floats]:
    """Give level and rarity of accounts whose hours are known."""
    place = left.join(habits.populations, on="population", how="left", maintain_order="left")["place"]
    at = place.to_numpy().astype(np.int64)
    one, two = _table(left["hours"]), _table(right["hours"])
    bits, apart = habits.bits(at, one, two), distance(one, two, habits.share[at])
    same = (apart <= NEAR) & (bits >= UNUSUAL)
    level = np.where(same, 2, np.where(apart >= FAR, 0, 1)).astype(np.int8)
    return level, np.where(same, np.minimum(bits, MOST_BITS), np.nan)
