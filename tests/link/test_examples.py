"""The pairs that labels give: which, how many each stands for, and what is no truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import polars as pl
import pytest

from graphmatch.errors import RejectedTable
from graphmatch.link import examples as made_from
from graphmatch.link.examples import examples, levels_of, matches_per_account
from graphmatch.link.model import default

PEOPLE = ["grimwald", "moorland", "peverell", "qzxtarn", "okafor"]


def labelled(extra: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give two accounts of each person, of one handle; the last person's second is called otherwise."""
    rows = [(f"{platform}:{n}", platform, handle, str(n)) for n, handle in enumerate(PEOPLE) for platform in ("x", "y")]
    rows[-1] = ("y:4", "y", "wjzvk", "4")
    rows += [(f"x:more{n}", "x", f"{n:03}hub", "hub") for n in range(extra)]
    rows += [(f"y:more{n}", "y", f"{'bcdfgh'[n % 6]}{n:03}", "hub") for n in range(extra)]
    table = pl.DataFrame(rows, schema=["account_id", "platform", "handle", "person_id"], orient="row")
    return table.drop("person_id"), table.select("account_id", "person_id")


def test_the_pairs_of_a_small_set_by_hand() -> None:
    accounts, truth = labelled()
    found = examples(accounts, truth, default()).pairs
    ids = accounts["account_id"].sort()
    person = dict(truth.iter_rows())
    rows = {
        (ids[a], ids[b]): row
        for (a, b), row in zip(found.select("left", "right").rows(), found.rows(named=True), strict=True)
    }
    assert len(rows) == found.height
    # Five accounts on either platform make 25 pairs across; 4,000 draws find each that was not proposed.
    every = {(one, two) for one, two in combinations(ids, 2) if one[0] != two[0]}
    assert set(rows) == every
    assert len(every) == 25
    for (one, two), row in rows.items():
        assert row["is_true"] == (person[one] == person[two])
        assert {row["left_place"], row["right_place"]} == {"x:", "y:"}
    missed = [pair for pair, row in rows.items() if row["is_true"] and not row["candidate"]]
    assert missed == [("x:4", "y:4")]


def test_random_pairs_stand_for_all_that_were_not_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 7)
    accounts, truth = labelled()
    found = examples(accounts, truth, default()).pairs
    drawn = found.filter(~pl.col("candidate") & ~pl.col("is_true"))
    proposed = found.filter("candidate")
    assert 0 < drawn.height < 25 - proposed.height
    assert drawn.height != proposed.height
    assert set(proposed["weight"]) == {1.0}
    assert drawn["weight"].to_list() == pytest.approx([(25 - proposed.height) / drawn.height] * drawn.height)
    assert found.filter(~pl.col("candidate") & pl.col("is_true"))["weight"].to_list() == [1.0]


def test_sets_count_by_the_root_of_their_size() -> None:
    small, large = labelled()[0], labelled(20)[0]
    both = pl.concat([small.with_columns(dataset=pl.lit("s")), large.with_columns(dataset=pl.lit("l"))])
    both = both.with_columns(pl.concat_str("dataset", "account_id").alias("account_id"))
    persons = pl.concat([labelled()[1].with_columns(s=pl.lit("s")), labelled(20)[1].with_columns(s=pl.lit("l"))])
    persons = persons.select(
        pl.concat_str("s", "account_id").alias("account_id"), pl.concat_str("s", "person_id").alias("person_id")
    )
    found = examples(both, persons, default()).pairs.filter("candidate")
    sums = dict(
        found.group_by("set")
        .agg(pl.col("weight").sum(), pl.len().alias("pairs"))
        .select("set", pl.col("weight") ** 2 / pl.col("pairs"))
        .iter_rows()
    )
    assert sums["s"] == pytest.approx(sums["l"])
    assert found["weight"].mean() == pytest.approx(1.0)


def test_a_person_with_very_many_accounts_does_not_fill_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 50)
    few = examples(*labelled(25), default()).pairs
    assert few.filter(~pl.col("candidate") & pl.col("is_true")).height > 100
    many = examples(*labelled(26), default()).pairs
    assert many.filter(~pl.col("candidate") & pl.col("is_true")).height == 1
    assert many.filter("is_true").height < 26 * 26 / 2


def test_the_same_seed_draws_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 12)
    accounts, truth = labelled()
    found = examples(accounts, truth, default(), seed=5).pairs
    assert found.equals(examples(accounts[::-1], truth[::-1], default(), seed=5).pairs)
    assert not found.select("left", "right").equals(
        examples(accounts, truth, default(), seed=6).pairs.select("left", "right")
    )


def test_a_truth_that_is_none_is_refused() -> None:
    accounts, truth = labelled()
    for name in ("account_id", "person_id"):
        with pytest.raises(RejectedTable, match=f"truth.*{name}"):
            examples(accounts, truth.drop(name), default())
    with pytest.raises(RejectedTable, match="account_id"):
        examples(accounts, pl.concat([truth, truth[:1]]), default())
    for empty in (truth[:0], truth[:1], truth.with_columns(account_id=pl.lit("?:") + pl.col("account_id"))):
        with pytest.raises(RejectedTable, match="truth"):
            examples(accounts, empty, default())


def test_accounts_of_nobody_known_are_left_out() -> None:
    accounts, truth = labelled()
    nobody = truth.with_columns(pl.when(pl.col("person_id") != "0").then("person_id").alias("person_id"))
    found = examples(accounts, nobody, default()).pairs
    assert found.equals(examples(accounts, truth.filter(pl.col("person_id") != "0"), default()).pairs)
    assert found["is_true"].null_count() == 0


def test_matches_per_account_by_hand() -> None:
    accounts, truth = labelled()
    # Five true pairs of ten accounts.
    assert matches_per_account(accounts, truth) == pytest.approx(0.5)
    # Seven and seven more of one person: 49 pairs across of 14 accounts, in a set of its own.
    more, persons = labelled(7)
    own = pl.when(pl.col("account_id").str.contains("more")).then(pl.lit("b")).otherwise(pl.lit("a"))
    assert matches_per_account(more.with_columns(dataset=own), persons) == pytest.approx((0.5 + 49 / 14) / 2)


def test_levels_are_counted_among_the_labelled() -> None:
    accounts, truth = labelled()
    levels = default().levels
    flat = {name: tuple(replace(one, slope=0.0) for one in rows) for name, rows in levels.items()}
    base = replace(default(), levels={**flat, "display_name": levels["display_name"]})
    made = levels_of(examples(accounts, truth, base), base)
    # Four of the five true pairs have the same folded handle, one has nothing in common.
    handle = made["handle"]
    assert (handle[5].m, handle[0].m) == pytest.approx((0.8, 0.2), abs=1e-3)
    assert handle[0].u > 0.99
    for name in ("handle", "letter_runs"):
        assert sum(level.m for level in made[name]) == pytest.approx(1.0, abs=2e-3)
        assert min(min(level.m, level.u) for level in made[name]) > 0
    # What is not learned stays, and so does u at a reference rarity.
    assert {name: made[name] for name in ("bio", "display_name")} == {
        name: base.levels[name] for name in ("bio", "display_name")
    }
