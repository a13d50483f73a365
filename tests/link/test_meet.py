"""Keys to pairs, against every pair taken one by one."""

from collections import defaultdict
from itertools import combinations, product

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.link.keys import Keys
from graphmatch.link.meet import meet, meet_other, packed, unpacked

KEYED = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), max_size=40)
CAPS = st.integers(1, 6)


def keys_of(keyed: list[tuple[int, int]]) -> Keys:
    rows, hashes = zip(*sorted(keyed), strict=True) if keyed else ((), ())
    return Keys(np.array(rows, dtype=np.uint32), np.array(hashes, dtype=np.uint64))


def holders(keyed: list[tuple[int, int]]) -> dict[int, set[int]]:
    made: dict[int, set[int]] = defaultdict(set)
    for row, key in keyed:
        made[key].add(row)
    return made


def as_set(pairs: tuple[np.ndarray, np.ndarray]) -> set[tuple[int, int]]:
    return {(min(pair), max(pair)) for pair in zip(*(side.tolist() for side in pairs), strict=True)}


@given(KEYED, CAPS)
def test_rows_that_share_a_key_meet_unless_too_many_do(keyed: list[tuple[int, int]], cap: int) -> None:
    met = meet(keys_of(keyed), cap)
    shared = {key: rows for key, rows in holders(keyed).items() if len(rows) > 1}
    expected = {pair for rows in shared.values() if len(rows) <= cap for pair in combinations(sorted(rows), 2)}
    assert as_set(met.pairs) == expected
    assert met.keys == len(shared)
    assert met.largest == max((len(rows) for rows in shared.values()), default=0)
    assert set(met.dropped.tolist()) >= {key for key, rows in shared.items() if len(rows) > cap}


@given(KEYED, KEYED, CAPS)
def test_two_sides_meet_unless_either_has_too_many(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]], cap: int
) -> None:
    met = meet_other(keys_of(mine), keys_of(theirs), cap)
    here, there = holders(mine), holders(theirs)
    shared = here.keys() & there.keys()
    common = {key for key in shared if max(len(here[key]), len(there[key])) > cap}
    expected = {(min(pair), max(pair)) for key in shared - common for pair in product(here[key], there[key])}
    assert as_set(met.pairs) == expected
    assert (met.keys, set(met.dropped.tolist())) == (len(shared), common)
    assert met.largest == max((max(len(here[key]), len(there[key])) for key in shared), default=0)


@given(st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12), min_size=1, max_size=4))
def test_pairs_of_all_rules_come_out_once_in_order_with_a_bit_for_each_rule(
    proposed: list[list[tuple[int, int]]],
) -> None:
    expected: dict[tuple[int, int], int] = defaultdict(int)
    parts = []
    for rule, pairs in enumerate(proposed):
        sides = np.array(pairs, dtype=np.uint32).reshape(-1, 2).T
        parts.append(packed((sides[0], sides[1]), rule))
        for pair in pairs:
            if pair[0] != pair[1]:
                expected[min(pair), max(pair)] |= 1 << rule
    assert unpacked(parts).rows() == [(*pair, rules) for pair, rules in sorted(expected.items())]


def test_pairs_in_one_place_are_left_out_if_asked() -> None:
    pairs = np.array([0, 0, 1], dtype=np.uint32), np.array([1, 2, 2], dtype=np.uint32)
    assert unpacked([packed(pairs, 3, np.array([7, 7, 8]))]).rows() == [(0, 2, 8), (1, 2, 8)]


def test_the_highest_row_numbers_survive_packing() -> None:
    top = np.uint32(2**29 - 1)
    made = unpacked([packed((np.array([top]), np.array([top - 1])), 31)])
    assert made.rows() == [(2**29 - 2, 2**29 - 1, 2**31)]
    assert made.schema == pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "rules": pl.UInt32})


def test_one_key_of_a_million_rows_costs_no_pairs() -> None:
    rows = np.arange(1_000_000, dtype=np.uint32)
    met = meet(Keys(rows, np.zeros(rows.size, np.uint64)), cap=50)
    assert (met.pairs[0].size, met.keys, met.largest) == (0, 1, 1_000_000)
