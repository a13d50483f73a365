"""What is compiled gives the numbers of rapidfuzz, to the bit; levels and rarities are the same with and without."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from graphmatch.link import likeness
from graphmatch.link.alphabet import Alphabet, Bytes
from graphmatch.link.compare import levels
from graphmatch.link.pairing import prepare
from graphmatch.link.sides import Sides
from graphmatch.link.tally import Tally

pytest.importorskip("numba", reason="numba (extra 'fast') is not installed")

from graphmatch.link import kernel, kernel_words

LETTERS = ["ab", "ab ", "abcdefghij", "abcde é", "aжшю é😀", "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefgh  "]
SIZES = (0, 1, 2, 3, 4, 5, 8, 11, 20, 40, 63, 64, 65, 128, 129, 300)


def adversarial(count: int) -> tuple[list[str], list[str]]:
    """Draw pairs: unlike, swapped, with a common beginning, equal, with words in another order."""
    draw = random.Random(5)
    ones, twos = [], []
    for _ in range(count):
        letters, size = draw.choice(LETTERS), draw.choice(SIZES)
        one = "".join(draw.choices(letters, k=size))
        other = "".join(draw.choices(letters, k=max(0, size + draw.randint(-3, 3))))
        words = one.split(" ")
        draw.shuffle(words)
        twos.append(
            draw.choice(
                [
                    other,
                    "".join(draw.sample(one, size)),
                    one[: draw.randint(0, 4)] + other,
                    one,
                    " ".join(words) + other[:3],
                ]
            )
        )
        ones.append(one)
    return ones, twos


def scored(texts: list[str], name: str, alphabet: Alphabet | None = None) -> np.ndarray:
    """Score the first half of the texts against the second."""
    series = pl.Series(texts, dtype=pl.String)
    alphabet = alphabet or Alphabet.of([series])
    written = alphabet.write(series)
    one, two = np.arange(len(texts)).reshape(2, -1)
    made = np.empty(one.size, dtype=np.float32)
    if name == "token_sets":
        ordered = Bytes(np.zeros_like(written.letters), written.starts, np.zeros_like(written.sizes))
        kernel_words.sorted_words(*written.parts, alphabet.space, ordered.letters, ordered.sizes)
        kernel.run(kernel_words.token_sets, (*ordered.parts, alphabet.space), (one, two), (made,))
    else:
        kernel.run(getattr(kernel, name), (*written.parts, *written.parts), (one, two), (made,))
    return made


SCORERS = {"ratio": fuzz.ratio, "winkler": JaroWinkler.similarity, "token_sets": fuzz.token_set_ratio}


@pytest.mark.parametrize("name", SCORERS)
def test_scores_are_those_of_rapidfuzz(name: str) -> None:
    ones, twos = adversarial(9000)
    found = scored([*ones, *twos], name)
    expected = process.cpdist(ones, twos, scorer=SCORERS[name], dtype=np.float32)
    # Jaro-Winkler is left to rapidfuzz where a text does not fit a word of bits.
    long = np.array([name == "winkler" and max(len(one), len(two)) > 64 for one, two in zip(ones, twos, strict=True)])
    assert np.isnan(found[long]).all()
    assert (found[~long] == expected[~long]).all()
    assert long.mean() < 0.5


TEXT = st.text(st.sampled_from("ab cé😀"), max_size=9) | st.text(st.sampled_from("ab "), max_size=140)


@pytest.mark.parametrize("name", SCORERS)
@given(one=TEXT, two=TEXT)
@settings(deadline=None)
def test_scores_of_any_two_texts(name: str, one: str, two: str) -> None:
    found = scored([one, two], name)[0]
    if name != "winkler" or max(len(one), len(two)) <= 64:
        assert found == np.float32(SCORERS[name](one, two))


@pytest.mark.parametrize("name", SCORERS)
def test_what_bytes_cannot_write_has_no_score(name: str) -> None:
    alphabet = Alphabet.of([pl.Series(["abc"])])
    found = scored(["abc", "xbc", "abc", "abd", "abc", "abc"], name, alphabet)
    assert np.isnan(found).tolist() == [True, True, False]


@given(st.lists(st.none() | st.text(st.sampled_from("aab é😀"), max_size=12), max_size=8))
@settings(deadline=None)
def test_letters_are_counted_alike(texts: list[str | None]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    one, two = (Tally.of(series, fast=fast) for fast in (True, False))
    assert [level.tolist() for level in one.held] == [level.tolist() for level in two.held]
    assert (one.rest.tolist(), one.sizes.tolist()) == (two.rest.tolist(), two.sizes.tolist())
    assert one.starts.tolist() == two.starts.tolist()


def test_an_alphabet_is_in_the_order_of_the_letters() -> None:
    alphabet = Alphabet.of([pl.Series(["zebra é", None, "😀"])])
    written = alphabet.write(pl.Series([" abez", "é😀", None, "q"]))
    assert written.sizes.tolist() == [5, 2, 0, -1]
    assert (np.diff(written.letters[:7].astype(int)) > 0).all()
    assert written.letters[0] == alphabet.space


def test_what_bytes_cannot_write_and_what_is_too_long_is_left_to_rapidfuzz() -> None:
    # More letters than a byte has numbers for, and texts longer than a word of bits.
    strange = ["".join(chr(0x4E00 + 5 * row + place) for place in range(5)) for row in range(60)]
    texts = [*strange, "ab" * 40, "ba" * 40, "abc", "abd", *[text[::-1] for text in strange]]
    traits = pl.DataFrame(dict.fromkeys(("stem", "skeleton", "joined", "bio"), texts))
    rows = np.arange(len(texts))
    pairs = pl.DataFrame({"left": rows, "right": np.roll(rows, 1)})
    plain, fast = Sides(traits, pairs), Sides(traits, pairs)
    plain.fast, fast.fast = False, True
    for score in (likeness.ratio, likeness.winkler, lambda both, *sides: likeness.bios(both, *sides)[0]):
        one, two = (score(both, *both.sides("stem", rows)) for both in (plain, fast))
        assert one.tolist() == two.tolist()
    unwritten = fast.encoded.written("stem").sizes < 0
    assert unwritten.any()
    assert not unwritten.all()


HANDLE = st.none() | st.sampled_from(
    [
        "grimwald_77",
        "gr1mwald",
        "ashav_verma_x",
        "averma",
        "محمد",
        "moorland12",
        "annmoor",
        "x" * 80,
        "a",
        "vermafan",
        "😀",
    ]
)
NAME = st.none() | st.sampled_from(
    ["Grim Wald", "Wald Grim", "Asha Verma", "Ann Ann Moor", "محمد علي", "🌾", "Moor Bakery"]
)
BIO = st.none() | st.sampled_from(
    ["keeps bees and writes of moors", "writes of moors and keeps bees", "keeps bees, sings", "мёд и цветы на лугах",
     "all the bees of all the moors " * 5, "nothing to see here at all"]
)  # fmt: skip


@given(st.lists(st.tuples(HANDLE, NAME, BIO), min_size=2, max_size=8))
@settings(deadline=None, max_examples=40)
def test_levels_are_the_same_with_and_without(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    accounts = pl.DataFrame(
        rows, schema={"handle": pl.String, "display_name": pl.String, "bio": pl.String}, orient="row"
    ).with_columns(
        account_id=pl.Series([f"{number:02}" for number in range(len(rows))]),
        platform=pl.Series([("x", "mastodon", "reddit")[number % 3] for number in range(len(rows))]),
    )
    ready = prepare(accounts, spelling=False)
    schema = {"left": pl.UInt32, "right": pl.UInt32}
    pairs = pl.DataFrame(list(combinations(range(len(rows)), 2)), schema=schema, orient="row")
    plain, fast = (levels(Sides(ready.traits, pairs), None, None, fast=fast) for fast in (False, True))
    assert plain.equals(fast)


@pytest.mark.parametrize("count", [0, 2])
def test_no_pairs_are_no_work(count: int) -> None:
    table = pl.DataFrame({"account_id": ["a", "b"], "platform": ["p", "q"], "handle": ["grimwald", "nan"]})
    ready = prepare(table.with_columns(pl.lit("tea and dogs").alias("bio")).head(count))
    none = pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    made = levels(Sides(ready.encoded, none), ready.declared, None, fast=True)
    assert made.equals(levels(Sides(ready.encoded, none), ready.declared, None, fast=False))
    assert made.height == 0
