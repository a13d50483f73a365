import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from graphmatch.errors import UnreadableFile
from graphmatch.link.census import SETS, Census, spread
from graphmatch.link.pairing import pairs_per_account, prepare
from graphmatch.link.traits import SPELLING_WEIGHT, shown, weighed

ROWS = [
    ("a1", "x", "", "grimwald", "Grim Wald", "Tea"),
    ("a2", "x", "", "grimwald", "Grim Wald", "Tea"),
    ("a3", "y", "", "grimwald", "Jane Doe", None),
    ("a4", "y", "", "janedoe", "Wald Grim", "Tea"),
    ("a5", "x", "west", "grimwald", None, None),
    ("a6", "x", "west", None, "Jane Doe", None),
]
SIGHTINGS = [
    ("a1", "email_hmac", "e1"), ("a2", "email_hmac", "e1"), ("a3", "email_hmac", "e1"), ("a4", "email_hmac", "e2"),
    ("a5", "email_hmac", "e1"), ("a1", "ip_hmac", "n1"), ("a4", "ip_hmac", "n1"),
]  # fmt: skip


@pytest.fixture
def accounts() -> pl.DataFrame:
    columns = ("account_id", "platform", "dataset", "handle", "display_name", "bio")
    return pl.DataFrame(ROWS, schema=columns, orient="row")


@pytest.fixture
def found(accounts: pl.DataFrame) -> pl.DataFrame:
    return shown(accounts, pl.DataFrame(SIGHTINGS, schema=("account_id", "kind", "value"), orient="row"))


def test_values_of_two_accounts_or_more_are_counted_by_place(found: pl.DataFrame) -> None:
    census = Census.of(found)
    assert census.sizes.rows() == [("", 4), ("west", 2)]
    assert census.platforms.rows() == [("", "x", 2), ("", "y", 2), ("west", "x", 2)]
    assert census.values["handle"].rows() == [("", "x", "grimwald", 2)]
    assert census.values["name"].rows() == [("", "x", "grim wald", 2)]
    assert census.values["bio"].rows() == [("", "x", "tea", 2)]
    assert census.values["location"].height == 0


def test_values_of_sets_are_counted_on_the_fullest_platform_and_in_all(found: pl.DataFrame) -> None:
    census = Census.of(found)
    assert census.sets["emails"].rows() == [("", "e1", 2, 3)]
    assert census.sets["networks"].rows() == [("", "n1", 1, 2)]
    assert set(census.sets) == set(SETS)
    assert census.sets["links"].height == 0


def test_words_are_counted_without_the_holders_own_names_and_handles(found: pl.DataFrame) -> None:
    # Two names in one population, of which each holds its words alone, and two stems, one for either.
    assert Census.of(found).words.height == 0
    assert Census.of(found).spelled.rows() == [("", 2, 2), ("west", 1, 1)]
    handles = ["oldwald", "newwald", "waldwaldx", "grim"]
    rows: list[tuple[str | None, ...]] = [(f"b{number}", "x", handle, None) for number, handle in enumerate(handles)]
    rows += [("c1", "x", None, "Grim Wald"), ("c2", "x", None, "Tess Wald"), ("c3", "y", None, "wald tess")]
    other = pl.DataFrame(rows, schema=["account_id", "platform", "handle", "display_name"], orient="row")
    # Another name, and of three stems that hold it the third.
    assert Census.of(shown(other)).words.rows() == [("", "wald", 2)]


def test_the_order_of_accounts_changes_nothing(found: pl.DataFrame) -> None:
    one, two = Census.of(found).frames(), Census.of(found.reverse()).frames()
    assert one.keys() == two.keys()
    for name, frame in one.items():
        assert_frame_equal(frame, two[name], check_exact=True)


def test_what_is_written_is_read_again(found: pl.DataFrame, tmp_path: Path) -> None:
    census = Census.of(
        found.with_columns(
            pl.Series("arrived_earliest", [f"2024-01-0{day}" for day in range(1, 7)]).str.to_datetime(time_zone="UTC"),
            pl.Series("hours", [[day] * 24 for day in range(6)], dtype=pl.Array(pl.UInt16, 24)),
        )
    )
    census.write(tmp_path / "census")
    again = Census.read(tmp_path / "census")
    for name, frame in census.frames().items():
        assert_frame_equal(frame, again.frames()[name], check_exact=True)
    assert_frame_equal(weighed(found, again), weighed(found, census), check_exact=True)
    assert np.array_equal(census.arrivals.keys, again.arrivals.keys)
    assert np.array_equal(census.habits.share, again.habits.share)
    assert again.arrivals.keys.size == 6


@pytest.mark.parametrize("harm", ["gone", "other format", "other rows", "no json"])
def test_what_is_not_a_whole_census_is_not_read(harm: str, found: pl.DataFrame, tmp_path: Path) -> None:
    Census.of(found).write(tmp_path)
    about = tmp_path / "census.json"
    if harm == "gone":
        (tmp_path / "words.parquet").unlink()
    if harm == "other format":
        about.write_text(json.dumps({**json.loads(about.read_text()), "format": 0}))
    if harm == "other rows":
        Census.of(found[:3]).sizes.clear().write_parquet(tmp_path / "sizes.parquet")
    if harm == "no json":
        about.write_text("{")
    with pytest.raises(UnreadableFile, match=str(tmp_path)):
        Census.read(tmp_path)


def test_what_a_census_does_not_know_counts_once(found: pl.DataFrame) -> None:
    census = Census.of(found)
    rows = {"account_id": ["n"], "platform": ["z"], "handle": ["tarnquill"], "display_name": ["Tarn Quill"]}
    new = shown(pl.DataFrame(rows))
    row = weighed(new, census).row(0, named=True)
    assert {name: row[name] for name in row if name.endswith("_count")} == {
        "handle_count": 1, "stem_count": 1, "skeleton_count": 1, "name_count": 1, "bio_count": None,
        "location_count": None, "platform_count": 1,
    }  # fmt: skip
    # No other of its two names and two stems holds the words, and they are as likely as they are spelled.
    for word, bits in zip(row["words"], row["word_bits"], strict=True):
        spelling = census.model.score(pl.Series([word]))[0]
        assert bits == pytest.approx(-math.log2(SPELLING_WEIGHT * 2**-spelling / (4 + SPELLING_WEIGHT)))


def test_new_accounts_are_prepared_by_the_census_of_the_known_ones(accounts: pl.DataFrame) -> None:
    known = prepare(accounts)
    some = prepare(accounts[1:4], census=known.census)
    assert_frame_equal(some.traits, known.traits[1:4], check_exact=True)
    assert some.census is known.census


@pytest.mark.parametrize("same_platform", [True, False])
def test_pairs_are_those_of_a_population_in_two_places_or_in_any(found: pl.DataFrame, *, same_platform: bool) -> None:
    census = Census.of(found)
    counted = census.pairs_per_account(same_platform=same_platform)
    pairs = [6.0, 1.0] if same_platform else [4.0, 0.0]
    assert counted.rows() == [("", 4.0, pairs[0], pairs[0] / 4), ("west", 2.0, pairs[1], pairs[1] / 2)]
    assert_frame_equal(counted, pairs_per_account(found, same_platform=same_platform))
    assert_frame_equal(counted, spread(census.places, same_platform=same_platform))


def test_a_census_of_nobody_counts_nobody() -> None:
    nobody = shown(pl.DataFrame(schema={"account_id": pl.String, "platform": pl.String}))
    census = Census.of(nobody)
    assert all(frame.height == 0 for name, frame in census.frames().items() if name != "model")
    assert weighed(nobody, census).height == 0
