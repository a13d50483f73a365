"""Learned weights by hand: steps, sums, rivals, and what is no table of weights."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.learned import LEVELS, UNLIKE_BITS, Learned, Steps, comparison_of
from graphmatch.link.measures import LEARNED, MEASURES
from graphmatch.link.rivals import NO_RIVAL, RIVALS, among_rivals

FLAT = Steps((), (0.0,))
THREE = Steps((0.5, 0.8), (-2.0, 1.0, 4.0), (0.1, 0.2, 0.7), (0.8, 0.15, 0.05))


def learned(rivals: dict[str, Steps] | None = None, **measures: Steps) -> Learned:
    """Give tables that are worth nothing, but for those given."""
    return Learned(dict.fromkeys((*MEASURES, *LEVELS), FLAT) | measures, dict.fromkeys(RIVALS, FLAT) | (rivals or {}))


def measured(height: int, *, unlike: list[bool] | None = None, **given: list[float | None]) -> pl.DataFrame:
    names = (*MEASURES, *LEVELS)
    columns = {name: given.get(name, [None] * height) for name in names}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.Float32))
    return frame.with_columns(unlike=pl.Series(unlike or [False] * height, dtype=pl.Boolean))


def test_a_step_holds_its_lower_edge_and_not_its_upper_one() -> None:
    below, above = np.nextafter(0.5, 0.0), np.nextafter(0.8, 0.0)
    values = np.array([-1e9, below, 0.5, above, 0.8, 1e9, np.nan, np.inf, -np.inf])
    assert THREE.worth(values).tolist() == [-2.0, -2.0, 1.0, 1.0, 4.0, 4.0, 0.0, 4.0, -2.0]
    assert Steps((), (3.0,)).worth(np.array([7.0, np.nan])).tolist() == [3.0, 0.0]
    assert THREE.worth(np.zeros(0)).size == 0


FINITE = st.floats(-1e6, 1e6)


@given(st.lists(FINITE, unique=True, max_size=6).map(sorted), st.data())
def test_steps_survive_json(edges: list[float], data: st.DataObject) -> None:
    size = len(edges) + 1
    rows = [tuple(data.draw(st.lists(FINITE, min_size=size, max_size=size))) for _ in range(3)]
    steps = Steps(tuple(edges), *rows)
    assert Steps.from_dict(json.loads(json.dumps(steps.to_dict()))) == steps


def test_tables_survive_json_and_say_what_they_are() -> None:
    made = learned({"rival_share_low": THREE}, handle_edit=THREE, letter_runs_level=THREE)
    written = json.loads(json.dumps(made.to_dict()))
    assert Learned.from_dict(written) == made
    assert written["measures"]["handle_edit"]["comparison"] == "handle"
    assert written["measures"]["letter_runs_level"]["comparison"] == "letter_runs"
    assert all(table["meaning"] for table in written["measures"].values())


ODD: list[dict[str, Any]] = [
    {"edges": [0.5, 0.5], "bits": [1, 2, 3]},
    {"edges": [0.8, 0.5], "bits": [1, 2, 3]},
    {"edges": [0.5], "bits": [1]},
    {"edges": [0.5], "bits": [1, 2, 3]},
    {"edges": [math.nan], "bits": [1, 2]},
    {"edges": [0.5], "bits": [math.nan, 2]},
    {"edges": [0.5], "bits": [1, math.inf]},
    {"edges": [0.5], "bits": [1, "much"]},
    {"edges": [0.5], "bits": [1, 2], "m": [0.5]},
    {"edges": [0.5], "bits": [1, 2], "u": [0.2, 0.3, 0.5]},
]


@pytest.mark.parametrize("written", ODD)
def test_what_are_no_steps_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"steps need|could not convert"):
        Steps.from_dict({"m": [], "u": [], **written})


@pytest.mark.parametrize("name", ["handle_edit", "letter_runs_level", "rival_margin_low"])
def test_a_missing_or_an_unknown_table_is_named(name: str) -> None:
    written = learned().to_dict()
    part = "rivals" if name in RIVALS else "measures"
    table = written[part].pop(name)
    with pytest.raises(ValueError, match=name):
        Learned.from_dict(written)
    written[part][name] = written[part]["shoe_size"] = table
    with pytest.raises(ValueError, match="shoe_size"):
        Learned.from_dict(written)


def test_each_comparison_adds_up_its_own_measures() -> None:
    made = learned(handle_edit=THREE, handle_winkler=THREE, handle_level=THREE, name_edit=THREE)
    frame = measured(
        3,
        handle_edit=[0.9, 0.1, None],
        handle_winkler=[0.6, None, None],
        handle_level=[5, 0, None],
        name_edit=[None, 0.6, None],
    )
    found = made.bits(frame)
    assert set(found) == set(LEARNED)
    assert found["handle"].tolist() == [4.0 + 1.0 + 4.0, -2.0 + 0.0 - 2.0, 0.0]
    assert found["display_name"].tolist() == [0.0, 1.0, 0.0]
    assert found["handle_name"].tolist() == found["letter_runs"].tolist() == [0.0, 0.0, 0.0]
    assert {comparison_of(name) for name in (*MEASURES, *LEVELS)} == set(LEARNED)


def test_names_of_a_person_and_a_firm_prove_no_more_than_the_limit() -> None:
    """The limit is of the sum: each comparison gives up the same share. What speaks against stays."""
    made = learned(handle_edit=Steps((0.5,), (-9.0, 9.0)), name_edit=Steps((0.5,), (-3.0, 3.0)))
    frame = measured(
        4,
        unlike=[True, False, True, True],
        handle_edit=[0.9, 0.9, 0.1, 0.9],
        name_edit=[0.9, 0.9, 0.1, None],
    )
    found = made.bits(frame)
    assert found["handle"][1:3].tolist() == [9.0, -9.0]
    assert found["display_name"][1:3].tolist() == [3.0, -3.0]
    for row in (0, 3):
        assert sum(bits[row] for bits in found.values()) == pytest.approx(UNLIKE_BITS)
    assert found["handle"][0] == pytest.approx(3 * found["display_name"][0])


def placed(rows: list[tuple[int, int, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["left", "right", "left_place", "right_place"], orient="row")


def test_three_candidates_in_a_place_by_hand() -> None:
    """Account 0 has three candidates at q; each of those has no other at p. Account 9 has one and is its only one."""
    pairs = placed([(0, 1, "p", "q"), (0, 2, "p", "q"), (0, 3, "p", "q"), (8, 9, "p", "q")])
    found = among_rivals(pairs, np.array([10.0, 8.0, 8.0, 3.0]))
    assert found.columns == list(RIVALS)
    # From account 0 the first leads by two bits, the others trail by two; seen from q each stands alone.
    assert found["rival_margin_low"].to_list() == [2.0, -2.0, -2.0, 3.0 - NO_RIVAL]
    assert found["rival_margin_high"].to_list() == [10.0 - NO_RIVAL, 8.0 - NO_RIVAL, 8.0 - NO_RIVAL, 3.0 - NO_RIVAL]
    # Odds of 4 : 1 : 1.
    assert found["rival_share_low"].to_list() == pytest.approx([4 / 6, 1 / 6, 1 / 6, 1.0])
    assert found["rival_share_high"].to_list() == pytest.approx([1.0] * 4)


def test_two_best_are_level_and_rivals_elsewhere_are_none() -> None:
    pairs = placed([(0, 1, "p", "q"), (0, 2, "p", "q"), (0, 3, "p", "r")])
    found = among_rivals(pairs, np.array([5.0, 5.0, 1.0]))
    assert found["rival_margin_low"].to_list() == [0.0, 0.0, 1.0 - NO_RIVAL]
    assert found["rival_share_low"].to_list() == pytest.approx([0.5, 0.5, 1.0])


def test_the_other_side_s_rivals_count_too() -> None:
    pairs = placed([(0, 2, "p", "q"), (1, 2, "p", "q"), (0, 3, "p", "q")])
    found = among_rivals(pairs, np.array([6.0, 7.0, 2.0]))
    # 0-2 beats 0-3 by four bits, and loses to 1-2 by one.
    assert (found["rival_margin_low"][0], found["rival_margin_high"][0]) == (-1.0, 4.0)
    assert found["rival_share_low"][0] == pytest.approx(1 / 3)
    assert found["rival_share_high"][0] == pytest.approx(16 / 17)


def test_in_one_place_nobody_is_ranked() -> None:
    pairs = placed([(0, 1, "p", "p"), (0, 2, "p", "q")])
    found = among_rivals(pairs, np.array([6.0, 2.0]))
    assert found.row(0) == (None,) * 4
    made = learned(dict.fromkeys(RIVALS, Steps((), (3.0,))))
    assert made.rival_bits(found).tolist() == [0.0, 12.0]


@st.composite
def ranked(draw: st.DrawFn) -> tuple[pl.DataFrame, np.ndarray]:
    places = {number: "pqr"[number % 3] for number in range(9)}
    drawn = st.tuples(st.integers(0, 7), st.integers(1, 8)).filter(lambda pair: pair[0] < pair[1])
    pairs = draw(st.lists(drawn, unique=True, min_size=1, max_size=16))
    bits = draw(st.lists(st.integers(-120, 120), min_size=len(pairs), max_size=len(pairs)))
    return placed([(a, b, places[a], places[b]) for a, b in pairs]), np.array(bits, dtype=np.float64) / 4


@settings(deadline=None, max_examples=80)
@given(ranked())
def test_ranks_are_those_that_looking_at_every_rival_gives(drawn: tuple[pl.DataFrame, np.ndarray]) -> None:
    pairs, bits = drawn
    found = among_rivals(pairs, bits)
    ends = [(a, q, b, p) for a, b, p, q in pairs.rows()]
    for row, (a, to_a, b, to_b) in enumerate(ends):
        if pairs["left_place"][row] == pairs["right_place"][row]:
            assert found.row(row) == (None,) * 4
            continue
        margins, shares = [], []
        for account, place in ((a, to_a), (b, to_b)):
            near = [n for n, (c, q, d, p) in enumerate(ends) if (account, place) in ((c, q), (d, p))]
            rivals = [bits[n] for n in near if n != row]
            margins.append(bits[row] - max(rivals, default=NO_RIVAL))
            shares.append(1.0 / (1.0 + sum(2.0 ** (other - bits[row]) for other in rivals)))
        assert found.row(row) == pytest.approx((min(margins), max(margins), min(shares), max(shares)))


@settings(deadline=None, max_examples=40)
@given(ranked(), st.integers(-40, 40))
def test_what_all_rivals_share_plays_no_part(drawn: tuple[pl.DataFrame, np.ndarray], prior: int) -> None:
    """Only the rival that nobody would propose is an absolute: it stands where it stands whatever comes."""
    pairs, bits = drawn
    one, two = among_rivals(pairs, bits), among_rivals(pairs, bits + prior)
    for end in ("low", "high"):
        assert two[f"rival_share_{end}"].to_list() == pytest.approx(one[f"rival_share_{end}"].to_list())
    crowded = pl.concat([pairs.select(a="left", p="right_place"), pairs.select(a="right", p="left_place")])
    alone = crowded.select(pl.len().over("a", "p") == 1).to_series().to_numpy().reshape(2, -1).any(axis=0)
    assert two.filter(pl.Series(~alone)).equals(one.filter(pl.Series(~alone)))
