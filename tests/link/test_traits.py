from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch.errors import RejectedTable
from graphmatch.link.accounts import MAX_TEXT
from graphmatch.link.census import VALUES, Census
from graphmatch.link.traits import shown, traits, weighed

HANDLES = ["grimwald_77", "grimwald77", "janedoe", "@jane.doe@w.example", "nan", "\u043elga", None]
NAMES = ["Jane Doe", "Doe, Jane", "Grim Wald 🐑", "Зоряна Дуб", "Nan", "(aside)", None]
BIOS = ["Tea. Not coffee", "see w.example/a", None]
ROW = st.tuples(
    st.sampled_from(["x", "bluesky"]), st.sampled_from(["", "west"]), st.sampled_from(HANDLES), st.sampled_from(NAMES),
    st.sampled_from(BIOS),
)  # fmt: skip
ROWS = st.lists(ROW, min_size=1, max_size=12)


def table(rows: list[Any]) -> pl.DataFrame:
    columns = ("platform", "dataset", "handle", "display_name", "bio")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return frame.with_columns(pl.Series("account_id", [f"a{number:02}" for number in range(len(rows))]))


@given(ROWS, st.data())
@settings(deadline=None, max_examples=40)
def test_a_slice_of_accounts_shows_and_weighs_the_same(rows: list[Any], data: st.DataObject) -> None:
    accounts = table(rows)
    whole = shown(accounts)
    first = data.draw(st.integers(0, accounts.height - 1))
    part = shown(accounts[first:])
    assert_frame_equal(part, whole[first:], check_exact=True)
    census = Census.of(whole)
    assert_frame_equal(weighed(part, census), weighed(whole, census)[first:], check_exact=True)


@given(ROWS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_of_accounts_does_not_matter(rows: list[Any], random: Any) -> None:
    accounts = table(rows)
    order = list(range(accounts.height))
    random.shuffle(order)
    assert_frame_equal(traits(accounts[order]), traits(accounts), check_exact=True)


@given(ROWS)
@settings(deadline=None, max_examples=40)
def test_counts_are_of_the_accounts_of_a_platform_and_population(rows: list[Any]) -> None:
    found = traits(table(rows))
    listed = found.to_dicts()
    for row in listed:
        near = [other for other in listed if all(other[at] == row[at] for at in ("platform", "population"))]
        assert row["platform_count"] == len(near)
        for trait in VALUES:
            same = sum(other[trait] == row[trait] for other in near)
            assert row[f"{trait}_count"] == (None if row[trait] is None else same)
        assert (row["word_bits"] is None) == (row["words"] is None)
        assert row["words"] is None or len(row["word_bits"]) == len(row["words"])


def test_a_word_that_others_hold_has_fewer_bits() -> None:
    names = ["Jane Doe", "Mary Doe", "Ann Doe", "Jane Tarn"]
    found = traits(table([("x", "", f"h{number}", name, None) for number, name in enumerate(names)]))
    alone = traits(table([("x", "", "h0", "Jane Doe", None), *[("x", "", f"q{n}", None, None) for n in range(3)]]))
    assert all(one < two for one, two in zip(found["word_bits"][0], alone["word_bits"][0], strict=True))


def test_handles_that_hold_a_word_count_from_the_third_on() -> None:
    def doe(handles: list[str]) -> float:
        rows = [("x", "", handle, None, None) for handle in handles]
        bits: float = traits(table([("x", "", None, "Jane Doe", None), *rows]))["word_bits"][0][1]
        return bits

    # The same letters and as many handles; only the third that holds the word is somebody else's.
    assert doe(["adoex", "bdoex", "cdeox"]) > doe(["adoex", "bdoex", "cdoex"]) + 0.5


WRONG: list[tuple[str, pl.Series, str]] = [
    ("created_at", pl.Series([1], dtype=pl.Int32), "Int32; it takes a text or a time"),
    ("last_active", pl.Series([1.5]), "Float64; it takes a text or a time"),
    ("first_observed_at", pl.Series([True]), "Boolean; it takes a text or a time"),
    *[
        (name, pl.Series([7]), "Int64; it takes a text")
        for name in (
            "account_id", "platform", "instance", "dataset", "native_id", "handle", "display_name", "bio", "url",
            "location", "avatar_url", "created_at_precision",
        )
    ],
    ("bio", pl.Series([["a", "b"]]), "List(String); it takes a text"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "words"), WRONG)
def test_a_column_of_another_kind_is_refused_by_name(name: str, values: pl.Series, words: str) -> None:
    accounts = pl.DataFrame({"account_id": ["a"], "platform": ["x"]}).with_columns(values.alias(name))
    with pytest.raises(RejectedTable) as refused:
        shown(accounts)
    assert str(refused.value) == f"table 'accounts': column {name!r} is {words}"


@pytest.mark.parametrize(
    ("values", "day"),
    [
        (pl.Series(["2024-05-06T07:08:09Z"]), datetime(2024, 5, 6, tzinfo=UTC)),
        (pl.Series([date(2024, 5, 6)]), datetime(2024, 5, 6, tzinfo=UTC)),
        (pl.Series(["2024-05-06"]).str.to_datetime(time_unit="ms"), datetime(2024, 5, 6, tzinfo=UTC)),
        (pl.Series(["never"]), None),
        (pl.Series([None]), None),
    ],
)
def test_times_may_be_texts_days_or_moments(values: pl.Series, day: datetime | None) -> None:
    accounts = pl.DataFrame({"account_id": ["a"], "platform": ["x"]}).with_columns(values.alias("created_at"))
    assert shown(accounts)["created_at"].to_list() == [day]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["x", "grimwald"])])
def test_texts_may_be_categories(dtype: Any) -> None:
    accounts = pl.DataFrame({"account_id": ["a"], "platform": ["x"], "handle": ["grimwald"]})
    cast = accounts.with_columns(pl.col("platform", "handle").cast(dtype))
    assert_frame_equal(shown(cast), shown(accounts))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop("platform"), "lacks the column 'platform'"),
        (lambda rows: rows.with_columns(platform=pl.lit(None, dtype=pl.String)), "'platform' is null in 2 rows"),
        (lambda rows: rows.with_columns(account_id=pl.lit("a")), "1 rows repeat an 'account_id'"),
    ],
)
def test_accounts_need_an_id_of_their_own_and_a_platform(change: Callable[..., pl.DataFrame], words: str) -> None:
    with pytest.raises(RejectedTable, match=words):
        shown(change(pl.DataFrame({"account_id": ["b", "a"], "platform": ["x", "x"]})))


def test_blank_texts_are_not_observed_and_long_ones_are_cut() -> None:
    accounts = pl.DataFrame(
        {"account_id": ["a", "b"], "platform": ["x", "x"], "handle": ["  ", "grim"], "bio": ["z" * 900, ""]}
    )
    found = shown(accounts)
    assert found["handle"].to_list() == [None, "grim"]
    assert found["bio"].to_list() == ["z" * MAX_TEXT, None]
