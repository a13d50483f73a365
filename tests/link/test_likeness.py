"""Bounds never fall below the scores they spare, and what proves that two accounts share nothing is never wrong."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from graphmatch.link import likeness
from graphmatch.link.encoded import Encoded
from graphmatch.link.held import held_words
from graphmatch.link.letters import Letters
from graphmatch.link.lists import Lists, neighbours
from graphmatch.link.sides import Sides
from graphmatch.link.tally import FAST

TEXT = st.text(st.sampled_from("abcn1 _é😀ע"), max_size=12) | st.sampled_from(["x" * 70, "aab" * 30, "annmoor"])
PAIR = st.tuples(TEXT, TEXT)


def encoded(**traits: list[str | None]) -> Encoded:
    return Encoded(pl.DataFrame(traits, schema=dict.fromkeys(traits, pl.String)))


@given(st.lists(PAIR, min_size=1, max_size=20))
@settings(deadline=None)
def test_a_bound_is_never_less_than_the_score(pairs: list[tuple[str, str]]) -> None:
    # A pair, the pair the other way round, and a text with itself.
    pairs = [*pairs, *[(two, one) for one, two in pairs], *[(one, one) for one, _ in pairs]]
    sides = encoded(one=[one for one, _ in pairs], two=[two for _, two in pairs])
    rows = np.arange(len(pairs))
    bound = likeness.Bound(sides, ("one", rows), ("two", rows))
    size = likeness.size_bound(sides, ("one", rows), ("two", rows))
    for row, (one, two) in enumerate(pairs):
        assert bound.ratio()[row] >= fuzz.ratio(one, two) / 100 or not one + two
        assert size[row] >= fuzz.ratio(one, two) / 100 or not one + two
        assert bound.winkler()[row] >= JaroWinkler.similarity(one, two) or not one + two
        assert bound.inside()[row] or not (one in two or two in one)


def test_a_bound_tells_unlike_texts_apart() -> None:
    sides, row = encoded(one=["grimwald"], two=["qtxzeeno"]), np.array([0])
    bound = likeness.Bound(sides, ("one", row), ("two", row))
    assert bound.ratio()[0] < 0.2
    assert bound.winkler()[0] < 0.5
    assert not bound.inside()[0]


def test_letters_beyond_the_third_are_counted_too() -> None:
    sides, row = encoded(one=["aaaaaaaa"], two=["aaaaabbb"]), np.array([0])
    assert likeness.Bound(sides, ("one", row), ("two", row)).common[0] == 5


VALUES = st.none() | st.lists(st.sampled_from(["a", "b", "ab", "é", "c", "d"]), max_size=6)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
def test_common_values_are_those_of_sets(pairs: list[tuple[list[str] | None, list[str] | None]]) -> None:
    rows = [side for pair in pairs for side in pair]
    lists = Lists.of(pl.Series(rows, dtype=pl.List(pl.String)))
    one, two = np.arange(0, len(rows), 2), np.arange(1, len(rows), 2)
    pair, element = lists.common(one, two)
    found = [(place, lists.values[int(at)]) for place, at in zip(pair.tolist(), element.tolist(), strict=True)]
    expected = [(place, value) for place, (a, b) in enumerate(pairs) for value in set(a or ()) & set(b or ())]
    assert sorted(found) == sorted(expected)
    assert pair.tolist() == sorted(pair.tolist())
    assert lists.sizes.tolist() == [len(set(row or ())) for row in rows]


@given(st.lists(TEXT, min_size=1, max_size=8), TEXT)
def test_a_text_has_the_marks_of_all_that_stands_in_it(parts: list[str], rest: str) -> None:
    whole = rest.join(parts)
    texts = pl.Series([whole, *parts], dtype=pl.String)
    marks = neighbours(Letters.of(texts), texts.len())
    assert not (marks[1:] & ~marks[0]).any()


@given(TEXT, st.lists(st.sampled_from(["a", "an", "ann", "moor", "né", "nn", "1_"]), max_size=5))
def test_words_in_a_handle_are_those_that_stand_there(handle: str, words: list[str]) -> None:
    bits = [float(len(word)) for word in words]
    schema = {"handle": pl.String, "words": pl.List(pl.String), "word_bits": pl.List(pl.Float64)}
    traits = pl.DataFrame({"handle": [handle], "words": [words], "word_bits": [bits]}, schema=schema)
    row = np.array([0])
    held = held_words(Encoded(traits), row, row)
    expected = [len(word) for word in set(words) if word in handle and len(word) > 1]
    assert (held.words[0], held.letters[0], held.longest[0]) == (
        len(expected), sum(expected), max(expected, default=0),
    )  # fmt: skip
    assert held.bits[0] == pytest.approx(float(sum(expected)) if expected else float("nan"), nan_ok=True)


WORDS = ["dad", "of", "two", "puns", "market", "moor", "northern", "proud", "stoker"]
BIO = st.lists(st.sampled_from(WORDS), max_size=6)


@given(st.lists(st.tuples(BIO, BIO), min_size=1, max_size=12), st.booleans())
@settings(deadline=None)
def test_bios_are_compared_where_they_share_a_long_word(pairs: list[tuple[list[str], list[str]]], fast: bool) -> None:
    texts = [" ".join(side) for pair in pairs for side in pair]
    traits = pl.DataFrame({"bio": texts, **dict.fromkeys(("stem", "skeleton", "joined"), texts)})
    rows = np.arange(0, len(texts), 2)
    both = Sides(traits, pl.DataFrame({"left": rows, "right": rows + 1}))
    both.fast = fast and FAST
    words, whole = likeness.bios(both, ("bio", rows), ("bio", rows + 1))
    for (one, two), likely, plain in zip(pairs, words.tolist(), whole.tolist(), strict=True):
        shared = any(len(word) >= 4 for word in set(one) & set(two))
        ratio = fuzz.token_set_ratio(" ".join(one), " ".join(two)) / 100
        assert likely == pytest.approx(ratio if shared else 0.0, abs=1e-6)
        assert shared or not plain


def test_texts_that_share_letters_alone_are_not_alike() -> None:
    texts = ["northern and proud", "northmoor bad puns", "proud dad of puns", "puns of proud dad"]
    traits = pl.DataFrame({"bio": texts})
    both = Sides(traits, pl.DataFrame({"left": [0, 2], "right": [1, 3]}))
    both.fast = False
    words, _ = likeness.bios(both, *both.sides("bio", np.arange(2)))
    assert fuzz.token_set_ratio(*texts[:2]) > 60
    assert words.tolist() == [0, 1]
