"""Hashes of strings and of their parts, against the strings cut up one by one."""

import subprocess
import sys

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.link.letters import Known, Letters, distinct, order

TEXTS = st.lists(st.one_of(st.none(), st.text(st.sampled_from("abé😀0_"), max_size=9)), max_size=12)


@given(TEXTS, st.integers(1, 3), st.integers(3, 6))
def test_parts_are_the_parts_and_hash_as_whole_strings_do(texts: list[str | None], low: int, high: int) -> None:
    found = []
    for length, rows, hashes in Letters.of(pl.Series(texts, dtype=pl.String)).parts(low, high):
        assert (np.diff(rows.astype(np.int64)) >= 0).all()
        found += [(length, row, number) for row, number in zip(rows.tolist(), hashes.tolist(), strict=True)]
    parts = [
        (length, row, text[at : at + length])
        for length in range(low, high + 1)
        for row, text in enumerate(texts)
        if text is not None
        for at in range(len(text) - length + 1)
    ]
    alone = Letters.of(pl.Series([part for *_, part in parts], dtype=pl.String)).whole().tolist()
    assert found == [(length, row, number) for (length, row, _), number in zip(parts, alone, strict=True)]


@given(st.lists(st.text(max_size=12), unique=True, max_size=30))
def test_different_strings_have_different_hashes(texts: list[str]) -> None:
    hashes = Letters.of(pl.Series(texts, dtype=pl.String)).whole()
    assert np.unique(hashes).size == len(texts)


def test_hashes_are_the_same_in_every_run() -> None:
    program = (
        "import polars as pl; from graphmatch.link.letters import Letters; "
        "print(Letters.of(pl.Series(['grimwald'])).whole()[0], pl.Series(['grimwald']).hash()[0])"
    )
    runs = {subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout for _ in range(2)}
    here = f"{Letters.of(pl.Series(['grimwald'])).whole()[0]} {pl.Series(['grimwald']).hash()[0]}\n"
    assert runs == {here.encode()}


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20), st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_a_known_set_holds_what_is_in_it(members: list[int], others: list[int]) -> None:
    known = Known(np.array(members, dtype=np.uint64))
    asked = np.array([*members, *others], dtype=np.uint64)
    assert known.holds(asked).tolist() == [number in set(members) for number in asked.tolist()]


#: Many equal ones, and many that differ in their lowest bits alone.
HASHES = st.lists(st.integers(0, 3).flatmap(lambda upper: st.integers(0, 5).map(lambda low: (upper << 61) | low)))


@given(HASHES)
def test_hashes_are_put_in_order_and_equal_ones_stay_in_theirs(listed: list[int]) -> None:
    hashes = np.array(listed, dtype=np.uint64)
    assert order(hashes).tolist() == sorted(range(len(listed)), key=lambda place: listed[place])
    assert distinct(hashes).tolist() == sorted(set(listed))
