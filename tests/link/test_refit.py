"""Scales of evidence families, learned from judged pairs of a table whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from graphmatch.link import link, score
from graphmatch.link.model import Model, default
from graphmatch.link.refit import LEAST_OF_EITHER, PULL, Refitted, _Judged, refit
from graphmatch.model import COMPARISONS, COPYABLE, Family

#: One comparison of each family carries all of its bits.
CARRIER = {family: next(name for name, of in COMPARISONS.items() if of is family) for family in Family}
Shown = dict[Family, Sequence[float]]


def matches(shown: Shown, model: Model, *, prior: float = 0.0, wide: float = 1e9) -> pl.DataFrame:
    """Give a table of ``matches`` as ``model`` scores pairs of so many unscaled bits in each family."""
    height = len(next(iter(shown.values())))
    bits, discounts = np.zeros((height, len(score.NAMES))), np.zeros((height, len(score.FAMILIES)))
    for family, values in shown.items():
        # A discount of a quarter: scales take what is left.
        scale = model.scales.get(family.value, 1.0)
        bits[:, score.NAMES.index(CARRIER[family])] = np.asarray(values) * scale / 0.75
        discounts[:, score.FAMILIES.index(family)] = -0.25 * np.asarray(values) * scale / 0.75
    imitation = score.imitation_bits(
        score.copyable_bits(bits, discounts), np.full(height, wide), model.copies_per_account
    )
    return pl.DataFrame(
        {
            "left": [f"a{row:03}" for row in range(height)],
            "right": [f"b{row:03}" for row in range(height)],
            "prior_bits": np.full(height, prior),
            "imitation_bits": imitation,
            **{f"{name}_bits": bits[:, place] for place, name in enumerate(score.NAMES)},
            **{f"{family}_discount_bits": discounts[:, place] for place, family in enumerate(score.FAMILIES)},
        }
    )


def judgements(true: Sequence[bool]) -> pl.DataFrame:
    rows = [(f"a{row:03}", f"b{row:03}", value) for row, value in enumerate(true)]
    return pl.DataFrame(rows, schema=["left", "right", "is_true"], orient="row")


def refitted(shown: Shown, true: Sequence[bool], model: Model | None = None, **known: float) -> Refitted:
    model = model or default()
    found = refit(model, matches(shown, model, **known), judgements(true))
    assert found is not None
    return found


EVEN = [True] * 10 + [False] * 10


@pytest.mark.parametrize(("positive", "negative"), [(LEAST_OF_EITHER, LEAST_OF_EITHER - 1), (4, 50), (0, 10), (0, 0)])
def test_too_few_of_either_kind_teach_nothing(positive: int, negative: int) -> None:
    true = [True] * positive + [False] * negative
    table = matches({Family.NAMING: [1.0] * len(true)}, default())
    assert refit(default(), table, judgements(true)) is None
    enough = [True] * LEAST_OF_EITHER + [False] * LEAST_OF_EITHER
    table = matches({Family.NAMING: [1.0] * len(enough)}, default())
    found = refit(default(), table, judgements(enough))
    assert found is not None
    assert (found.judged, found.positive) == (2 * LEAST_OF_EITHER, LEAST_OF_EITHER)
    # Judged pairs that are no matches any more don't count.
    assert refit(default(), table[1:], judgements(enough)) is None


def test_a_family_that_tells_well_counts_more_and_one_that_misleads_less() -> None:
    found = refitted({Family.BEHAVIOUR: [1.0] * 10 + [-1.0] * 10, Family.CONTACT: [-1.0] * 10 + [1.0] * 10}, EVEN)
    assert found.model.scales["behaviour"] > 1.2
    assert found.model.scales["contact"] < 0.8
    assert found.loss_after < found.loss_before


def test_what_tells_nothing_stays_at_one() -> None:
    """A family that no judged pair shows keeps its scale; one whose few bits are as often right as told stays at 1."""
    assert refitted({Family.NAMING: [0.0] * 20}, EVEN).model.scales == {}
    # 2 to 1 is one bit: of three pairs that show it two are true, and of three that show its opposite one is.
    told = refitted({Family.BEHAVIOUR: [1.0] * 9 + [-1.0] * 9}, ([True] * 6 + [False] * 3) + ([True] * 3 + [False] * 6))
    assert told.model.scales["behaviour"] == pytest.approx(1.0, abs=1e-3)


def test_scales_stay_bounded_whatever_is_said() -> None:
    many = [True] * 400 + [False] * 400
    found = refitted({Family.BEHAVIOUR: [0.2] * 400 + [-0.2] * 400, Family.CONTACT: [-4.0] * 400 + [4.0] * 400}, many)
    assert found.model.scales["behaviour"] == pytest.approx(3.0, rel=1e-3)
    assert found.model.scales["contact"] == pytest.approx(1 / 3, rel=1e-3)


def test_families_that_are_not_shown_keep_their_scale_and_the_rest_of_the_model_stays() -> None:
    model = replace(default(), scales={"contact": 0.5, "behaviour": 1.7})
    found = refitted({Family.BEHAVIOUR: [1.0] * 10 + [-1.0] * 10}, EVEN, model)
    # By hand: at twice the bits, what 20 pairs still miss (20 * 2 / 5) and the pull towards 1 (8 log 2) are even.
    assert set(found.model.scales) == {"contact", "behaviour"}
    assert found.model.scales["contact"] == 0.5
    assert found.model.scales["behaviour"] == pytest.approx(2.0, abs=1e-3)
    assert replace(found.model, scales={}) == replace(model, scales={})


@pytest.mark.parametrize(("seed", "naming", "behaviour"), [(1, 0.4, 2.0), (2, 1.3, 0.5), (3, 2.5, 2.0), (4, 1.3, 2.0)])
def test_learning_again_starts_from_unscaled_bits(seed: int, naming: float, behaviour: float) -> None:
    """Whatever scales the model had, the same judgements give the same ones, and then the same again."""
    random = np.random.default_rng(seed)
    size = int(random.integers(10, 20))
    true = (random.permutation(size) < size // 2).tolist()
    families = (Family.NAMING, Family.SELF_DESCRIPTION, Family.BEHAVIOUR)
    shown: Shown = {family: random.uniform(-6, 12, size).tolist() for family in families}
    scaled = replace(default(), scales={"naming": naming, "behaviour": behaviour})
    first = refitted(shown, true, prior=-4.0, wide=1_000.0)
    for model in (scaled, first.model):
        made = refitted(shown, true, model, prior=-4.0, wide=1_000.0)
        assert made.model.scales == pytest.approx(first.model.scales, rel=5e-3, abs=5e-3)
        assert made.loss_after == pytest.approx(first.loss_after, abs=5e-3)
    # The second time it starts from what it had learned, which was no worse.
    assert made.loss_before <= first.loss_before + 1e-3


def by_brute_force(shown: Shown, true: np.ndarray, prior: float, wide: float) -> tuple[dict[str, float], float]:
    """Fit and leave out one by one, in plain loops over pairs."""
    families = list(shown)
    copies = default().copies_per_account / wide

    def loss(steps: np.ndarray, of: Sequence[int]) -> float:
        total = 0.0
        for row in of:
            parts = [np.exp(step) * shown[family][row] for step, family in zip(steps, families, strict=True)]
            copyable = sum(part for part, family in zip(parts, families, strict=True) if family in COPYABLE)
            weight = prior + sum(parts) - np.log2(1 + copies * 2.0**copyable)
            total += np.log2(1 + 2.0 ** (-weight if true[row] else weight))
        return total

    def fit(of: Sequence[int]) -> np.ndarray:
        def penalised(steps: np.ndarray) -> float:
            return loss(steps, of) * np.log(2) + PULL / 2 * float((steps**2).sum())

        bounds = [(-np.log(3), np.log(3))] * len(families)
        return np.asarray(minimize(penalised, np.zeros(len(families)), method="Powell", bounds=bounds).x)

    rows = list(range(true.size))
    left_out = [loss(fit([one for one in rows if one != row]), [row]) for row in rows]
    scales = np.exp(fit(rows))
    return {family.value: scale for family, scale in zip(families, scales, strict=True)}, float(np.mean(left_out))


def test_the_loss_is_of_each_pair_left_out_in_turn() -> None:
    true = np.array([True, True, False, True, True, True, False, False, False, False, True, False])
    shown: Shown = {
        Family.NAMING: [6.0, 9.0, 8.0, 3.0, 11.0, 5.0, 2.0, 7.0, 1.0, 4.0, 8.0, 6.0],
        Family.BEHAVIOUR: [1.0, 2.0, -1.5, 1.0, 0.5, 2.0, -1.0, -2.0, 0.0, 1.0, -1.0, -0.5],
    }
    found = refitted(shown, true.tolist(), prior=-6.0, wide=200.0)
    scales, loss = by_brute_force(shown, true, -6.0, 200.0)
    assert found.model.scales == pytest.approx(scales, abs=5e-3)
    assert found.loss_after == pytest.approx(loss, abs=2e-3)
    weights = np.array(shown[Family.NAMING]) + shown[Family.BEHAVIOUR] - 6.0
    weights -= np.log2(1 + default().copies_per_account / 200.0 * 2.0 ** np.array(shown[Family.NAMING]))
    before = np.log2(1 + 2.0 ** np.where(true, -weights, weights)).mean()
    assert found.loss_before == pytest.approx(before)


def test_slopes_are_those_of_the_odds() -> None:
    random = np.random.default_rng(8)
    shown: Shown = {family: random.uniform(-3, 15, 6).tolist() for family in Family}
    known = _Judged.of(matches(shown, default(), prior=-6.0, wide=50.0), default())
    at = random.normal(0.0, 0.4, len(score.FAMILIES))
    found = known.slopes(np.exp(at))
    assert (known.imitated > 0).all()
    for place in range(at.size):
        step = 1e-6 * np.eye(at.size)[place]
        slope = (known.odds(np.exp(at + step)) - known.odds(np.exp(at - step))) / 2e-6
        assert found[:, place] == pytest.approx(slope, abs=1e-6)


def test_order_of_judgements_and_matches_changes_nothing() -> None:
    table = matches({Family.NAMING: list(np.linspace(-4, 9, 20))}, default(), prior=-3.0, wide=300.0)
    said = judgements(EVEN[::-1])
    assert refit(default(), table, said) == refit(default(), table[::-1], said[::-1])


@pytest.mark.parametrize("model", [default(), default().unlabelled()], ids=["learned", "levels alone"])
def test_the_scales_do_to_real_matches_what_was_learned(model: Model) -> None:
    """What `refit` thinks its scales make of a pair is what linking with them gives."""
    handles = ["grimwald", "moorland", "qzxtarn", "okafor", "peverell", "fenwick"]
    topics = ["writes of the moor and of rain", "brews an ale for nobody at all", "counts the trams of Northmoor"]
    rows = [
        (f"{platform}:{n}", platform, handle + tail, topics[n % 3])
        for n, handle in enumerate(handles)
        for platform, tail in (("x", ""), ("reddit", "x"))
    ]
    accounts = pl.DataFrame(rows, schema=["account_id", "platform", "handle", "bio"], orient="row")
    plain = link(accounts, model=model, min_probability=0.0).matches
    same = pl.col("left").str.split(":").list.last() == pl.col("right").str.split(":").list.last()
    said = plain.select("left", "right", is_true=same)
    found = refit(model, plain, said)
    assert found is not None
    assert set(found.model.scales) == {"naming", "self_description"}
    described = replace(model, scales={"self_description": 2.0})
    scaled = link(accounts, model=described, min_probability=0.0).matches
    for name in ("bio", "location", "link", "avatar"):
        assert scaled[f"{name}_bits"].to_list() == pytest.approx((2.0 * plain[f"{name}_bits"]).to_list())
    assert scaled["prior_bits"].equals(plain["prior_bits"])
