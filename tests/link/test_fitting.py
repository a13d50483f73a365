"""Learning weights from pairs whose weights are known."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from graphmatch.link import fitting
from graphmatch.link.fitting import Examples, learn
from graphmatch.link.learned import LEVELS, Learned
from graphmatch.link.rivals import RIVALS
from graphmatch.link.score import probability

#: Bits that each measure is worth in the planted data, by its value; nothing where it is not observed.
PLANTED = {
    "handle_edit": {0.0: -2.0, 1.0: 0.5, 2.0: 3.0},
    "name_words": {0.0: -1.0, 1.0: 0.0, 2.0: 4.0},
    "runs_cosine": {0.0: 0.0, 1.0: 1.5},
}

RARITIES = [name for name in LEVELS if name.endswith("_rarity")]


def planted(size: int = 20_000, prior: float = -2.0, seed: int = 1) -> Examples:
    """Draw pairs whose log odds are the prior, plus other bits, plus the planted bits. Each account stands in one."""
    random = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    other = random.integers(-1, 2, size).astype(np.float64)
    odds = prior + other
    for name, bits in PLANTED.items():
        values = random.choice(np.array([*bits, np.nan]), size)
        odds += np.array([0.0 if math.isnan(value) else bits[float(value)] for value in values])
        columns[name] = values
    return Examples(
        pl.DataFrame(
            {
                "left": np.arange(0, 2 * size, 2),
                "right": np.arange(1, 2 * size, 2),
                "left_place": ["p"] * size,
                "right_place": ["q"] * size,
                "is_true": random.random(size) < probability(odds),
                "candidate": [True] * size,
                "unlike": [False] * size,
                "weight": np.ones(size),
                "prior_bits": np.full(size, prior),
                "other_bits": other,
                **columns,
            }
        )
        .with_columns(pl.col(name).fill_nan(None).cast(pl.Float32) for name in PLANTED)
        .with_columns(pl.lit(None, dtype=pl.Float32).alias(name) for name in ("name_edit", *RARITIES))
    )


def worth(found: Learned, name: str) -> list[float]:
    return found.measures[name].worth(np.array([*PLANTED[name]])).tolist()


@pytest.fixture(scope="module")
def fitted() -> Learned:
    return learn(planted())


def predicted(found: Learned, pairs: pl.DataFrame) -> np.ndarray:
    weight = (pairs["prior_bits"] + pairs["other_bits"]).to_numpy().copy()
    for name, steps in found.measures.items():
        weight += steps.worth(pairs[name].cast(pl.Float64).to_numpy())
    return probability(weight)


def test_planted_bits_are_found_again(fitted: Learned) -> None:
    for name, bits in PLANTED.items():
        assert worth(fitted, name) == pytest.approx(list(bits.values()), abs=0.3), name
        assert worth(fitted, name) == sorted(worth(fitted, name))


def test_predictions_on_other_pairs_mean_what_they_say(fitted: Learned) -> None:
    fresh = planted(seed=2).pairs
    chance, true = predicted(fitted, fresh), fresh["is_true"].to_numpy()
    assert abs(chance.mean() - true.mean()) < 4 * math.sqrt((chance * (1 - chance)).sum()) / chance.size
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (chance >= low) & (chance < low + 0.2)
        assert inside.sum() > 100
        error = math.sqrt((chance[inside] * (1 - chance[inside])).sum()) / inside.sum()
        assert abs(chance[inside].mean() - true[inside].mean()) < 4 * error + 0.02, low


def test_weights_are_evidence_whatever_the_prior(fitted: Learned) -> None:
    rare = learn(planted(prior=-5.0, size=60_000, seed=3))
    for name in PLANTED:
        assert worth(rare, name) == pytest.approx(worth(fitted, name), abs=0.45), name


def test_what_is_known_already_is_not_learned_again() -> None:
    """Bits moved from the prior to the other comparisons change nothing: only their sum is offset."""
    found = planted(3_000)
    moved = found.pairs.with_columns(pl.col("prior_bits") + 4.0, pl.col("other_bits") - 4.0)
    assert learn(Examples(moved)).measures == learn(found).measures
    # A prior that is told four bits too high is made good by the weights, as far as the penalty lets them.
    told = learn(Examples(found.pairs.with_columns(pl.col("prior_bits") + 4.0)))
    assert all(
        new < old for name in PLANTED for new, old in zip(worth(told, name), worth(learn(found), name), strict=True)
    )


def test_a_measure_that_was_never_observed_is_worth_nothing(fitted: Learned) -> None:
    steps = fitted.measures["name_edit"]
    assert (steps.edges, steps.bits) == ((), (0.0,))


def test_a_value_that_no_pair_shows_is_worth_what_its_step_is(fitted: Learned) -> None:
    below, above = fitted.measures["handle_edit"].worth(np.array([-5.0, 9.0]))
    assert [below, above] == worth(fitted, "handle_edit")[::2]


def test_the_same_pairs_give_the_same_weights() -> None:
    assert learn(planted(2_000)) == learn(planted(2_000))


def test_weights_and_repeated_pairs_are_the_same() -> None:
    once = planted(2_000)
    weighed = learn(Examples(once.pairs.with_columns(weight=pl.lit(3.0)))).measures
    repeated = learn(Examples(pl.concat([once.pairs] * 3))).measures
    for name in PLANTED:
        assert repeated[name].edges == pytest.approx(weighed[name].edges, abs=1e-3)
        assert repeated[name].bits == pytest.approx(weighed[name].bits, abs=0.02)


@pytest.mark.parametrize("penalty", ["SMOOTH", "SHRINK"])
def test_more_penalty_moves_less(monkeypatch: pytest.MonkeyPatch, penalty: str) -> None:
    found = planted(2_000)
    spread = []
    for strength in (0.1, 10.0, 1000.0):
        monkeypatch.setattr(fitting, penalty, strength)
        steps = learn(found).measures["handle_edit"]
        spread.append(max(steps.bits) - min(steps.bits))
    assert spread == sorted(spread, reverse=True)
    assert spread[0] > 4 * spread[2]


def test_few_pairs_move_little() -> None:
    few, many = learn(planted(20)), learn(planted(5_000))
    for name in PLANTED:
        assert max(map(abs, worth(few, name))) < max(map(abs, worth(many, name)))


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(4)
    places = [random.integers(0, 3, 50), np.where(random.random(50) < 0.3, 5, random.integers(3, 5, 50))]
    true, weight, offset = (random.random(50) < 0.4).astype(float), random.random(50), random.normal(size=50)
    loss = fitting._objective(places, np.array([0, 1, 3]), true, weight, offset, 5)
    at = random.normal(size=5)
    _, gradient = loss(at)
    for place in range(5):
        step = 1e-6 * np.eye(5)[place]
        assert (loss(at + step)[0] - loss(at - step)[0]) / 2e-6 == pytest.approx(gradient[place], abs=1e-5)


def test_the_best_of_two_rivals_wins_more_than_the_measures_say() -> None:
    """In each place exactly one of two candidates is true: who is ahead says more than the bits alone."""
    size = 1_500
    random = np.random.default_rng(6)
    values = random.choice([0.0, 1.0, 2.0], (size, 2))
    bits = np.array([PLANTED["handle_edit"][value] for value in values.ravel()]).reshape(size, 2)
    first = random.random(size) < probability(bits[:, 0] - bits[:, 1])
    left = np.repeat(np.arange(size), 2)
    pairs = (
        planted(2 * size)
        .pairs.drop("handle_edit", "name_words", "runs_cosine")
        .with_columns(
            left=left,
            handle_edit=pl.Series(values.ravel()),
            is_true=pl.Series(np.column_stack([first, ~first]).ravel()),
        )
    )
    found = learn(Examples(pairs.with_columns(prior_bits=pl.lit(0.0), other_bits=pl.lit(0.0))))
    assert set(found.rivals) == set(RIVALS)
    margin = found.rivals["rival_margin_low"]
    ahead, behind = margin.worth(np.array([3.0, -3.0]))
    assert ahead > behind
