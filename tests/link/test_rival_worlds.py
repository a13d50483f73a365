"""Copies, joe-jobs and look-alikes of simulated worlds never get past ``suggested``; and the measure that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rival_pairs import (
    NO_MATCH,
    RIVALS,
    SAME,
    auc,
    counted,
    found_in,
    operators,
    own_accounts,
    pairs_of,
    passing,
    scored,
    separation,
)

from graphmatch.simulate.world import World

Pair = tuple[str, str]
SEEDS, ACCOUNTS = (1, 2), 200


@dataclass(frozen=True)
class Seen:
    """One world and what the line found in it; ``told``: the named pairs beside their matches."""

    world: World
    results: dict[str, pl.DataFrame]
    told: pl.DataFrame

    def of_kind(self, *kinds: str) -> set[Pair]:
        return set(self.told.filter(pl.col("kind").is_in(kinds)).select("left", "right").iter_rows())

    def together(self) -> set[Pair]:
        """Pairs in one actor, and pairs that a migration joins."""
        moves = self.results["migrations"].select("origin_account_id", "destination_account_id").iter_rows()
        actors = self.results["actors"]["account_ids"].to_list()
        return {(min(move), max(move)) for move in moves} | {
            pair for members in actors for pair in combinations(sorted(members), 2)
        }


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    made = []
    for seed in SEEDS:
        world, results = found_in(tmp_path_factory.mktemp("world"), ACCOUNTS, seed)
        made.append(Seen(world, results, scored(pairs_of(world, results["accounts"]), results["matches"])))
    return made


def all_told(worlds: list[Seen]) -> pl.DataFrame:
    return pl.concat([seen.told for seen in worlds])


def test_the_worlds_hold_what_is_tested(worlds: list[Seen]) -> None:
    kinds = counted(all_told(worlds))
    for kind in ("impersonator", "joe_job", "namesake", "meme", "brewery"):
        assert kinds[kind]["matches"], kind
    assert sum(kinds[kind]["corroborated"] for kind in SAME) > 5  # type: ignore[misc]


def test_no_rival_gets_past_suggested(worlds: list[Seen]) -> None:
    rivals = all_told(worlds).filter(pl.col("kind").is_in(RIVALS))
    assert rivals.drop_nulls("story").height > 20
    assert rivals.filter("corroborated").height == 0


def test_a_copy_of_a_target_is_named_and_joined_to_nothing_of_the_target(worlds: list[Seen]) -> None:
    for seen in worlds:
        copies = seen.told.filter(kind="impersonator")
        assert set(copies["story"].drop_nulls()) == {"impersonation"}
        assert copies["story"].null_count() <= copies.height / 4
        assert copies["match_probability"].max() < 0.5  # type: ignore[operator]
        assert not seen.of_kind("impersonator") & seen.together()


def test_all_own_accounts_of_a_target_are_known(worlds: list[Seen]) -> None:
    for seen in worlds:
        assert [len(theirs) for theirs in own_accounts(seen.world, seen.results["accounts"])] == [3, 3, 3]


def test_no_corroborated_match_is_of_two_operators(worlds: list[Seen]) -> None:
    """None of all pairs, not of the rivals alone. Should one appear, it belongs here with its reason."""
    wrong = []
    for seen in worlds:
        operator = operators(seen.world, seen.results["accounts"])
        strong = seen.results["matches"].filter(pl.col("standing") != "suggested")
        wrong += [pair for pair in strong.select("left", "right").iter_rows() if operator[pair[0]] != operator[pair[1]]]
    assert wrong == []


def test_no_corroborated_migration_joins_two_operators(worlds: list[Seen]) -> None:
    strong = 0
    for seen in worlds:
        operator = operators(seen.world, seen.results["accounts"])
        moves = seen.results["migrations"].filter(pl.col("standing") != "suggested")
        ends = list(moves.select("origin_account_id", "destination_account_id").iter_rows())
        strong += len(ends)
        assert [pair for pair in ends if operator[pair[0]] != operator[pair[1]]] == []
    assert strong


def test_standing_lets_true_pairs_pass_and_no_rival(worlds: list[Seen]) -> None:
    told = all_told(worlds)
    points = {score: separation(told, score) for score in ("probability", "standing", "standing_then_probability")}
    none = points["standing"]["at_false_rate"]["0.0"]  # type: ignore[index]
    assert none["true_rate"] > 0.02
    assert none["threshold"] == 1.0
    assert points["standing_then_probability"]["auc"] > points["probability"]["auc"] > 0.6  # type: ignore[operator]


def test_the_measure_by_hand() -> None:
    assert auc([3.0, 2.0], [1.0, 0.0]) == 1.0
    assert auc([0.0], [1.0, 2.0]) == 0.0
    assert auc([1.0, 1.0], [1.0]) == 0.5
    # Of six comparisons 3 > 2, 3 > 1, 3 > 0, 1 > 0 are won, 1 against 1 is half, 1 against 2 lost: 4.5 of 6.
    assert auc([3.0, 1.0], [2.0, 1.0, 0.0]) == 0.75
    assert math.isnan(auc([], [1.0]))
    same, rival = np.array([0.9, 0.8, 0.7, NO_MATCH]), np.array([0.85, 0.3, 0.2, NO_MATCH])
    assert passing(same, rival, 0.0) == {"true_rate": 0.25, "false_rate": 0.0, "threshold": 0.9}
    assert passing(same, rival, 0.25) == {"true_rate": 0.75, "false_rate": 0.25, "threshold": 0.7}
    assert passing(same, rival, 1.0)["true_rate"] == 0.75
    assert passing(np.array([0.1]), np.array([0.2]), 0.0)["threshold"] is None


VALUES = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12)


@given(VALUES, VALUES)
def test_the_measure_is_the_share_of_comparisons_won(same: list[float], rival: list[float]) -> None:
    won = [1.0 if one > two else 0.5 if one == two else 0.0 for one, two in product(same, rival)]
    assert auc(same, rival) == pytest.approx(sum(won) / len(won))
    assert auc(same, rival) + auc(rival, same) == pytest.approx(1.0)
