"""What runs on Spark's workers, without Spark: some accounts at a time give what one machine makes of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from spark_accounts import accounts as invented

from graphmatch.link import _random_pairs, declared, default, link
from graphmatch.link.block import RULE_NAMES, block
from graphmatch.link.census import Census
from graphmatch.link.keys import Source
from graphmatch.link.pairing import prepare
from graphmatch.link.rivals import rival_discount
from graphmatch.link.surprisal import CharacterModel, window_counts
from graphmatch.link.traits import shown, weighed
from graphmatch.spark import candidates, census, comparing, scoring, stated

SIZE = 60


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    """What accounts show, in order of population and id."""
    made = shown(invented()).sort("population", "account_id").with_row_index("id")
    return made.with_columns(pl.col("id").cast(pl.Int64))


def some(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Take some rows at a time, as a worker gets them."""
    yield from frame.iter_slices(SIZE)


def small(found: pl.DataFrame) -> census.Small:
    """Give what every worker gets."""
    whole = Census.of(found)
    codes = [pl.col(name).rank("dense").cast(pl.Int64).alias(f"{name}_code") for name in ("place", "platform")]
    words = Source(found, np.arange(found.height, dtype=np.uint32)).own_words()
    bare = replace(whole, values={}, sets={}, words=whole.words.clear())
    return census.Small(bare, found.select("place", *codes).unique("place"), words)


def carried(found: pl.DataFrame) -> pl.DataFrame:
    """Give each account the counts of what it has, as Spark's joins do."""
    facts = pl.concat(map(census.listed_facts, some(found)))
    counts = (
        facts.filter(pl.col("kind") != census.WORD)
        .group_by("kind", "fact", "platform")
        .len()
        .group_by("fact", "kind")
        .agg(pl.col("len").max().cast(pl.Int64).alias("rivals"), pl.col("len").sum().cast(pl.Int64).alias("everyone"))
        .filter(pl.col("everyone") > 1)
    )
    words = (
        Census.of(found)
        .words.with_columns(value="word")
        .select(
            census._fact("word", "population"),
            pl.lit(census.WORD, dtype=pl.Int8).alias("kind"),
            pl.lit(0, dtype=pl.Int64).alias("rivals"),
            pl.col("others").cast(pl.Int64).alias("everyone"),
        )
    )
    listed = facts.drop("kind", "platform").join(pl.concat([counts, words]), on="fact").group_by("id")
    held = listed.agg(pl.struct("fact", "kind", "rivals", "everyone").alias("held"))
    return found.join(held, on="id", how="left", maintain_order="left")


def traits(found: pl.DataFrame) -> pl.DataFrame:
    """Weigh the accounts, some at a time."""
    weigh = census.Weighed(small(found))
    return pl.concat(map(weigh, some(carried(found))))


def test_accounts_are_weighed_alike_by_the_counts_that_they_carry(found: pl.DataFrame) -> None:
    whole = weighed(found.drop("id"), Census.of(found))
    assert (whole["handle_count"] > 5).any()
    assert_frame_equal(traits(found).select(whole.columns), whole, check_exact=True)


def test_the_counts_of_shared_values_are_those_of_the_census(found: pl.DataFrame) -> None:
    whole = Census.of(found).sets
    parts = [census.sets_of(part) for part in some(traits(found))]
    assert whole["links"].height
    for trait, held in whole.items():
        mine = pl.concat([part[trait] for part in parts]).unique().sort("population", "value")
        assert_frame_equal(mine, held.sort("population", "value"))


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), max_size=30))
def test_the_character_model_adds_up_from_parts(texts: list[str]) -> None:
    values = pl.Series("text", texts, dtype=pl.String)
    distinct = values.unique()
    half = distinct.len() // 2
    windows = window_counts(distinct[:half]) + window_counts(distinct[half:])
    np.testing.assert_array_equal(CharacterModel.of_counts(windows).bits, CharacterModel.fit(values).bits)


@pytest.mark.parametrize("cap", [None, 3])
@pytest.mark.parametrize("same_platform", [True, False])
def test_pairs_and_the_report_of_the_rules_are_those_of_blocking(
    found: pl.DataFrame, cap: int | None, same_platform: bool
) -> None:
    mine = traits(found)
    populations = mine["population"].unique().sort().to_list()
    keys = pl.concat(map(candidates.Keyed(small(found).words, populations, cap), some(mine)))
    # Two partitions, by key.
    parts = [keys.filter(pl.col("key") % 2 == odd) for odd in (0, 1, -1)]
    met = pl.concat(map(candidates.Meeting(same_platform, cap), parts))
    pairs = met.drop_nulls("left").group_by("left", "right").agg(pl.col("rules").bitwise_or().cast(pl.Int64))
    whole = block(mine, same_platform=same_platform, cap=cap)
    assert whole.rules["keys_dropped"].sum() > 0
    want = whole.candidates.cast(dict.fromkeys(("left", "right", "rules"), pl.Int64))
    assert_frame_equal(pairs.sort("left", "right"), want, check_row_order=True)
    told = (
        met.drop_nulls("rule").group_by("rule").agg(pl.col("keys", "keys_dropped").sum(), pl.col("largest_key").max())
    )
    lines = whole.rules.with_row_index("number").join(told, left_on="number", right_on="rule", suffix="_met")
    assert lines.height
    for what in ("keys", "keys_dropped", "largest_key"):
        assert lines[what].to_list() == lines[f"{what}_met"].to_list(), what


def test_a_hub_sends_no_more_than_its_cap_and_one() -> None:
    listed = pl.DataFrame({"key": [7] * 50 + [8] * 3, "id": range(53), "place": [0] * 53})
    cut = candidates._cut(listed, 5)
    assert cut.group_by("key").len().sort("key").rows() == [(7, 6), (8, 3)]
    assert cut["more"].sum() + cut.height == 53


def test_random_pairs_are_those_of_one_machine(found: pl.DataFrame) -> None:
    sizes = Census.of(found).sizes.sort("population")
    assert sizes.height == 2
    want = _random_pairs(found, 5, same_platform=True).cast(pl.Int64)
    assert_frame_equal(comparing.drawn(sizes, 5), want)


def met(found: pl.DataFrame) -> pl.DataFrame:
    """List who names whom, in meetings on five partitions."""
    columns = [*stated._COLUMNS, "meeting", "named"]
    naming = pl.concat(
        stated._naming(part).select(columns) for part in some(found.filter(pl.col("links").is_not_null()))
    )
    named = pl.concat(stated._named(part).select(columns) for part in some(found))
    rows = pl.concat([naming, named.filter(pl.col("meeting").is_in(naming["meeting"].implode()))])
    parts = [rows.filter(pl.col("meeting") % 5 == rest) for rest in range(5)]
    return pl.concat(map(stated._met, parts)).unique().sort("left", "right").select("left", "right")


def test_whoever_is_named_meets_whoever_names_it(found: pl.DataFrame) -> None:
    whole = declared.directed(found)
    assert whole.height
    assert_frame_equal(met(found), whole.select(pl.col("left", "right").cast(pl.Int64)))


def test_a_handle_of_many_names_nobody_though_one_of_them_is_met_elsewhere() -> None:
    link = "see https://twitter.com/"
    bios = {"a": f"{link}single {link}popular", "b0": f"{link}single", "s": None} | {f"b{n}": None for n in range(1, 5)}
    handles = {"a": "namer", "s": "single"}
    rows = [
        {"account_id": name, "platform": "x", "handle": handles.get(name, "popular"), "bio": bio}
        for name, bio in bios.items()
    ]
    made = shown(pl.DataFrame(rows)).with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
    whole = declared.directed(made).select(pl.col("left", "right").cast(pl.Int64))
    assert made["account_id"].gather(whole["right"]).to_list() == ["s", "s"]
    assert_frame_equal(met(made), whole)


@pytest.fixture(scope="module")
def pairs() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Compare all candidate pairs, some at a time; give the traits, the pairs, and their levels as of one machine."""
    bare = invented()
    ready = prepare(bare, spelling=False)
    whole = block(ready.traits, ready.stated)
    # One machine's rows are in order of account_id alone.
    mine = traits(shown(bare).with_row_index("id").with_columns(pl.col("id").cast(pl.Int64)))
    mine = mine.with_columns(names_others=ready.traits["names_others"])
    sides = mine.select("id", pl.struct(mine.columns).alias("traits"))
    found = whole.candidates.cast({"left": pl.Int64, "right": pl.Int64, "rules": pl.Int64})
    level = ready.declared.cast({"left": pl.Int64, "right": pl.Int64})
    found = found.join(level, on=["left", "right"], how="left", maintain_order="left")
    for side in ("left", "right"):
        of_side = sides.rename({"id": side, "traits": f"of_{side}"})
        found = found.join(of_side, on=side, how="left", maintain_order="left")
    spread = Census.of(shown(bare)).pairs_per_account(same_platform=True).select("population", "pairs_per_account")
    compare = comparing.Comparing(small(mine).census, spread)
    return mine, pl.concat(map(compare, some(found))), ready.levels(whole.candidates)


def test_pairs_are_compared_alike_with_all_that_they_need_beside_them(
    pairs: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    _, made, want = pairs
    assert (made["declared_level"] > 0).any()
    assert RULE_NAMES[-1] == "nearest_spelling"
    assert_frame_equal(made.select(want.columns), want, check_exact=True)


def test_matches_are_laid_out_alike_some_at_a_time(pairs: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> None:
    mine, made, _ = pairs
    model = default().unlabelled()
    want = link(invented(), model=model, nearest=False).matches
    weighed_pairs = pl.concat(map(scoring.Weighing(model, 0.05), some(made)))
    assert 0 < weighed_pairs.height < made.height
    lost = rival_discount(weighed_pairs, weighed_pairs["total"].to_numpy(), model.rival_floor)
    assert (lost < 0).any()
    laid = weighed_pairs.with_columns(pl.Series("lost", lost))
    for side in ("left", "right"):
        ids = mine.select(pl.col("id").alias(side), pl.col("account_id").alias(f"{side}_id"))
        laid = laid.join(ids, on=side, how="left", maintain_order="left")
    matches = pl.concat(map(scoring.Matching(model, 0.05), some(laid)))
    assert want.height > 50
    assert_frame_equal(matches, want, check_row_order=False, check_exact=False, rel_tol=0, abs_tol=1e-9)
