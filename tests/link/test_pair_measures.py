"""Measures of invented accounts: by hand, both ways, and null where there is nothing to measure."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.measures import LEARNED, MEASURES, measures
from graphmatch.link.pairing import Prepared, prepare
from graphmatch.link.sides import Sides
from graphmatch.model import COMPARISONS, Family

Rows = list[tuple[str | None, str | None]]

PEOPLE: Rows = [
    ("jane.doe", None), (None, "Jane Doe"), ("doejane77", "Doe, Jane"), ("qzx", None), ("jdoe", None), (None, None),
    ("grimwald_77", "Grim Wald"), ("grimwald77", "Wald Grim"), ("moorland12", "Ann Ann Moor"), ("annmoor", "Tess"),
]  # fmt: skip
PLATFORMS = ("x", "mastodon", "reddit")
SHARES = {
    "handle_edit", "handle_winkler", "handle_partial", "handle_whole_edit", "name_words", "name_edit", "spelled_edit",
    "spelled_partial", "spelled_winkler", "spelled_form", "spelled_of_handle", "spelled_of_name", "runs_cosine",
    "runs_share",
}  # fmt: skip


def prepared(rows: Rows) -> Prepared:
    accounts = pl.DataFrame(
        {
            "account_id": [f"{number:03}" for number in range(len(rows))],
            "platform": [PLATFORMS[number % len(PLATFORMS)] for number in range(len(rows))],
            "handle": [handle for handle, _ in rows],
            "display_name": [name for _, name in rows],
        },
        schema_overrides={"handle": pl.String, "display_name": pl.String},
    )
    return prepare(accounts)


def measured(ready: Prepared, pairs: list[tuple[int, int]]) -> pl.DataFrame:
    rows = pl.DataFrame(pairs, schema={"left": pl.UInt32, "right": pl.UInt32}, orient="row")
    both = Sides(ready.traits, rows)
    return measures(both, ready.runs.compare(*both.rows))


def of(one: str | None, two: str | None, name_one: str | None = None, name_two: str | None = None) -> dict[str, float]:
    """Measure one pair in the company of `PEOPLE`."""
    rows = [(one, name_one), (two, name_two), *PEOPLE]
    return measured(prepared(rows), [(0, 1)]).row(0, named=True)


def test_every_measure_is_of_a_naming_comparison() -> None:
    assert set(LEARNED) == {name for name, family in COMPARISONS.items() if family is Family.NAMING}
    frame = measured(prepared(PEOPLE), [(0, 1)])
    assert frame.columns == list(MEASURES)
    assert set(frame.dtypes) == {pl.Float32}


def test_a_handle_that_spells_the_display_name() -> None:
    ready = prepared(PEOPLE)
    found = measured(ready, [(0, 1)]).row(0, named=True)
    whole = ("edit", "partial", "winkler", "form", "of_handle", "of_name")
    assert [found[f"spelled_{what}"] for what in whole] == pytest.approx([1.0] * 6)
    # Words of three letters and more stand in the handle: jane and doe.
    assert found["spelled_longest"] == 4.0
    assert found["spelled_surprisal"] == pytest.approx(
        min(ready.traits["handle_bits"][0], ready.traits["name_bits"][1])
    )
    assert found["spelled_bits"] == pytest.approx(sum(ready.traits["word_bits"][1]), rel=1e-6)
    assert found["handle_edit"] is None
    assert found["name_words"] is None


def test_a_handle_that_shortens_the_display_name() -> None:
    found = measured(prepared(PEOPLE), [(1, 4)]).row(0, named=True)
    # jdoe and janedoe: the four letters are all in the seven, in order; 2 * 4 / 11.
    assert found["spelled_edit"] == pytest.approx(8 / 11)
    assert found["spelled_form"] == pytest.approx(1.0)
    # Of jdoe, doe is a word of the name; of the name's seven letters, three stand there.
    assert found["spelled_of_handle"] == pytest.approx(3 / 4)
    assert found["spelled_of_name"] == pytest.approx(3 / 7)
    assert found["spelled_longest"] == 3.0


def test_two_handles_by_hand() -> None:
    found = of("torboakes1", "oakestorb2")
    # torboakes and oakestorb: five letters in common in order, of nine each; nothing at the start or the end.
    assert found["handle_edit"] == pytest.approx(10 / 18)
    assert (found["handle_start"], found["handle_end"]) == (0.0, 0.0)
    assert (found["handle_shorter"], found["handle_longer"]) == (9.0, 9.0)
    found = of("torbopeck", "torbdeck")
    # torb at the start; of opeck and deck, eck at the end.
    assert (found["handle_start"], found["handle_end"]) == (4.0, 3.0)
    assert (found["handle_shorter"], found["handle_longer"]) == (8.0, 9.0)


@pytest.mark.parametrize(
    ("one", "two", "digits"),
    [
        ("tarn", "tarn", 0.0),
        ("tarn7", "tarn", 0.5),
        ("tarn", "tarn88", 0.5),
        ("tarn88", "8quill8", 1.0),
        ("tarn7", "tarn8", -1.0),
    ],
)
def test_digits(one: str, two: str, digits: float) -> None:
    assert of(one, two)["handle_digits"] == digits


def test_two_display_names_by_hand() -> None:
    ready = prepared(PEOPLE)
    found = measured(ready, [(6, 7)]).row(0, named=True)
    assert (found["name_words"], found["name_edit"]) == (1.0, 1.0)
    assert found["name_shared_bits"] == pytest.approx(sum(ready.traits["word_bits"][6]), rel=1e-6)
    assert found["name_surprisal"] == pytest.approx(min(ready.traits["name_bits"][6], ready.traits["name_bits"][7]))
    apart = measured(ready, [(6, 9)]).row(0, named=True)
    assert apart["name_shared_bits"] == 0.0


def test_a_word_that_stands_twice_in_a_name_counts_once() -> None:
    ready = prepared(PEOPLE)
    found = measured(ready, [(8, 9)]).row(0, named=True)
    ann, _, moor = ready.traits["word_bits"][8]
    assert found["spelled_bits"] == pytest.approx(ann + moor, rel=1e-6)
    assert (found["spelled_of_handle"], found["spelled_of_name"]) == (1.0, 1.0)


def test_a_short_form_must_be_met_exactly() -> None:
    # Jaro-Winkler would find two of the three initials near enough.
    assert of("abc", None, None, "Ann Beth Cole")["spelled_form"] == pytest.approx(0.97)
    assert of("abd", None, None, "Ann Beth Cole")["spelled_form"] < 0.9


def test_null_is_what_was_not_observed() -> None:
    ready = prepared(PEOPLE)
    pairs = list(combinations(range(len(PEOPLE)), 2))
    found = measured(ready, pairs)
    handle, name = (ready.traits[trait].is_not_null().to_list() for trait in ("handle", "words"))
    for row, (a, b) in enumerate(pairs):
        observed = {
            "handle": handle[a] and handle[b],
            "display_name": name[a] and name[b],
            "handle_name": (handle[a] and name[b]) or (handle[b] and name[a]),
            "letter_runs": (handle[a] or name[a]) and (handle[b] or name[b]),
        }
        for measure, what in MEASURES.items():
            assert (found[measure][row] is not None) == observed[what.comparison], (measure, PEOPLE[a], PEOPLE[b])


TEXT = (
    st.none()
    | st.text(st.sampled_from("abn 1._é😀ע"), max_size=10)
    | st.sampled_from(["Ann Moor", "annmoor", "x" * 500])
)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=8))
def test_both_ways_are_the_same_and_numbers_stay_in_their_ranges(rows: Rows) -> None:
    ready = prepared(rows)
    pairs = list(combinations(range(len(rows)), 2))
    found = measured(ready, pairs)
    assert found.equals(measured(ready, [(b, a) for a, b in pairs]))
    for name in MEASURES:
        values = found[name].drop_nulls()
        assert values.is_finite().all(), name
        if name == "handle_digits":
            assert values.is_in([-1.0, 0.0, 0.5, 1.0]).all()
        else:
            assert ((values >= 0) & (values <= (1.0 + 1e-5 if name in SHARES else 1e6))).all(), name
    assert not found.filter(pl.col("handle_shorter") > pl.col("handle_longer")).height
    assert not found.filter(pl.col("runs_rarest") > pl.col("runs_bits") + 1e-4).height
