from itertools import combinations
from math import fsum
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.estimative import one_operator
from graphmatch.link import LinkResult, link, score
from graphmatch.link.explain import GATE, counterfactual, in_words, reasons, sentence, waterfall, without
from graphmatch.link.model import Model, default
from graphmatch.model import COMPARISONS, Family, Standing, Story

MODELS = {"shipped": default(), "levels alone": default().unlabelled()}


def made(model: Model, drawn: dict[str, tuple[int | None, float]], **other: Any) -> dict[str, Any]:
    """A row of ``matches``: all that was not drawn is not observed, and the weight is the sum of its parts."""
    row: dict[str, Any] = {"left": "a", "right": "b", "standing": "suggested", "story": "same_operator"}
    row |= {"prior_bits": -8.0, "rules": [], "families": []} | other
    for name in COMPARISONS:
        row[f"{name}_level"], row[f"{name}_bits"] = drawn.get(name, (None, 0.0))
    bits = np.array([[row[f"{name}_bits"] for name in COMPARISONS]])
    discounts = score.family_discounts(bits, model)
    naming = score.FAMILIES.index(Family.NAMING)
    had = max(float(score.family_bits(bits, discounts, Family.NAMING)[0]), 0.0)
    discounts[0, naming] += row.pop("rivals", 0.0) * had
    wide = np.array([other.get("spread", 100.0)])
    imitation = score.imitation_bits(score.copyable_bits(bits, discounts), wide, model.copies_per_account)
    row |= {f"{family}_discount_bits": float(value) for family, value in zip(score.FAMILIES, discounts[0], strict=True)}
    row["imitation_bits"] = float(imitation[0])
    weight = row["prior_bits"] + float(bits.sum()) + float(discounts.sum()) + row["imitation_bits"]
    return row | {"match_weight": weight, "match_probability": float(score.probability(np.array([weight]))[0])}


@st.composite
def matches(draw: st.DrawFn, most: int = len(COMPARISONS)) -> tuple[Model, dict[str, Any]]:
    model = MODELS[draw(st.sampled_from(sorted(MODELS)))]
    names = draw(st.lists(st.sampled_from(sorted(COMPARISONS)), unique=True, max_size=most))
    bits = st.floats(*model.bounds).filter(lambda value: abs(value) > 1e-6)
    drawn = {name: (draw(st.integers(0, len(model.levels[name]) - 1)), draw(bits)) for name in names}
    return model, made(
        model,
        drawn,
        prior_bits=draw(st.floats(-20.0, 4.0)),
        rivals=draw(st.floats(-1.0, 1.0)),
        spread=draw(st.floats(1.0, 1e6)),
        story=draw(st.sampled_from([story.value for story in Story])),
        standing=draw(st.sampled_from([standing.value for standing in Standing])),
    )


@pytest.fixture(scope="module")
def result() -> LinkResult:
    accounts = pl.DataFrame(
        [
            ("a", "x", "grimwald_77", "Grim Wald", "Northmoor born. No quarter."),
            ("b", "y", "gr1mwald", "grim wald", "northmoor born - no quarter"),
            ("c", "z", "grimwald_live", None, None),
            ("d", "y", "nan1949", "Northmoor Nan", None),
            ("e", "z", "northmoor_nan", "Nan", None),
        ],
        schema=["account_id", "platform", "handle", "display_name", "bio"],
        orient="row",
    )
    seen = pl.DataFrame({"account_id": ["a", "b"], "kind": "email_hmac", "value": "5ecret", "context": "registration"})
    return link(accounts, sightings=seen, min_probability=0.0)


def test_bars_of_a_run_add_up(result: LinkResult) -> None:
    assert result.matches.height
    for row in result.matches.iter_rows(named=True):
        laid = waterfall(row, result.model)
        assert fsum(bar.bits for bar in laid.bars) == pytest.approx(row["match_weight"], abs=1e-9)


@given(matches())
def test_bars_add_up_whatever_the_match(drawn: tuple[Model, dict[str, Any]]) -> None:
    model, row = drawn
    laid = waterfall(row, model)
    assert fsum(bar.bits for bar in laid.bars) == pytest.approx(row["match_weight"], abs=1e-9)
    weights, chances = zip(*laid.steps(), strict=True)
    assert weights[0] == row["prior_bits"]
    assert weights[-1] == pytest.approx(row["match_weight"], abs=1e-9)
    assert chances[-1] == pytest.approx(row["match_probability"], abs=1e-9)


@given(matches())
def test_each_bar_names_its_level_its_family_and_chances_that_make_its_bits(
    drawn: tuple[Model, dict[str, Any]],
) -> None:
    model, row = drawn
    bars = [bar for bar in waterfall(row, model).bars if bar.kind == "comparison"]
    assert [bar.name for bar in bars] == [name for name in COMPARISONS if row[f"{name}_level"] is not None]
    for bar in bars:
        assert bar.level is not None
        assert bar.m is not None
        assert bar.u is not None
        assert bar.label == model.levels[bar.name][bar.level].label
        assert bar.family == COMPARISONS[bar.name].value
        assert 0 < bar.m <= 1
        assert 0 < bar.u <= 1
        assert np.log2(bar.m / bar.u) == pytest.approx(bar.bits)


def test_what_counts_though_it_was_not_observed_has_a_bar() -> None:
    row = made(MODELS["shipped"], {"bio": (None, 1.5)})
    laid = waterfall(row, MODELS["shipped"])
    assert [bar.label for bar in laid.bars if bar.name == "bio"] == ["not observed on one side"]
    assert fsum(bar.bits for bar in laid.bars) == pytest.approx(row["match_weight"], abs=1e-9)


def test_a_discount_says_whose_it_is() -> None:
    model = MODELS["levels alone"]
    naming = {"handle": (1, 6.0), "display_name": (1, 5.0)}

    def label(**other: Any) -> str:
        bars = waterfall(made(model, naming, **other), model).bars
        return next(bar.label for bar in bars if bar.kind == "discount" and bar.name == "naming")

    assert label() == "naming: levels overlap"
    assert label(rivals=-0.5) == "naming: levels overlap, and other accounts there fit as well"
    assert label(rivals=0.5) == "naming: levels overlap, and no other account there fits as well"
    assert label(rivals=-1.0, story="impersonation") == "naming: a copy of a profile would agree too"


def test_reasons_are_ordered_and_show_no_value(result: LinkResult) -> None:
    row = result.matches.row(by_predicate=(pl.col("left") == "a") & (pl.col("right") == "b"), named=True)
    told = reasons(row, result.model, limit=2)
    assert len(told) == 2
    line = sentence(row, result.model)
    assert "same e-mail address (HMAC)" in "".join(reasons(row, result.model, limit=9))
    assert "\n" not in line
    for value in ("grimwald", "5ecret", "quarter", "Grim"):
        assert value not in line


@given(matches(), matches(), st.floats(0.0, 1.0))
def test_the_words_for_how_likely_change_with_the_probability_alone(
    one: tuple[Model, dict[str, Any]], other: tuple[Model, dict[str, Any]], chance: float
) -> None:
    said = [sentence(row | {"match_probability": chance}, model) for model, row in (one, other)]
    assert all(line.startswith(f"{one_operator(chance)}, ") for line in said)
    assert not any("same person" in line or "identity" in line for line in said)


def test_a_sentence_says_how_likely_how_well_supported_and_which_other_story() -> None:
    model = MODELS["shipped"]
    row = made(model, {"contact": (3, 12.0), "handle": (0, -2.0)}, match_probability=0.5) | {"match_probability": 0.87}
    said = "same e-mail address (HMAC) (12 bits); but handles differ"
    assert sentence(row, model) == f"very likely (0.87) to have one operator, suggested: {said}"
    row["story"] = "shared_machine"
    assert sentence(row, model) == f"very likely (0.87) to have one operator, suggested, story shared machine: {said}"


def every_subset(row: dict[str, Any]) -> list[tuple[str, ...]]:
    counted = [name for name in COMPARISONS if row[f"{name}_bits"]]
    return [some for size in range(len(counted) + 1) for some in combinations(counted, size)]


@settings(deadline=None)
@given(matches(most=6), st.sampled_from([0.1, GATE, 0.9]))
def test_the_counterfactual_is_minimal_by_brute_force(drawn: tuple[Model, dict[str, Any]], gate: float) -> None:
    model, row = drawn
    lost = counterfactual(row, gate, model)
    left = {some: without(row, some, model) for some in every_subset(row)}
    enough = [some for some, chance in left.items() if chance < gate]
    if not enough:
        assert lost == [name for name in COMPARISONS if row[f"{name}_bits"] > 0]
        return
    fewest = min(map(len, enough))
    assert len(lost) == fewest
    assert left[tuple(lost)] < gate
    assert left[tuple(lost)] == min(chance for some, chance in left.items() if len(some) == fewest)
    assert counterfactual(dict(reversed(row.items())), gate, model) == lost


@settings(deadline=None)
@given(matches())
def test_losing_nothing_changes_nothing(drawn: tuple[Model, dict[str, Any]]) -> None:
    model, row = drawn
    assert without(row, (), model) == pytest.approx(row["match_probability"], abs=1e-9)


def test_losing_nothing_changes_nothing_in_a_run(result: LinkResult) -> None:
    for row in result.matches.iter_rows(named=True):
        assert without(row, (), result.model) == pytest.approx(row["match_probability"], abs=1e-9)


@settings(deadline=None)
@given(matches(most=6))
def test_losing_what_speaks_for_it_never_raises_it(drawn: tuple[Model, dict[str, Any]]) -> None:
    model, row = drawn
    for name in COMPARISONS:
        after, before = without(row, (name,), model), row["match_probability"]
        assert after <= before + 1e-9 if row[f"{name}_bits"] >= 0 else after >= before - 1e-9


@given(st.floats(-8.0, 24.0), st.floats(-8.0, 24.0), st.floats(-15.0, 0.0))
def test_evidence_that_is_alone_in_its_family_takes_just_its_bits_with_it(
    contact: float, targets: float, prior: float
) -> None:
    model = MODELS["shipped"]
    row = made(model, {"contact": (1, contact), "targets": (1, targets)}, prior_bits=prior)
    bare = float(score.probability(np.array([row["match_weight"] - targets]))[0])
    assert without(row, ("targets",), model) == pytest.approx(bare, abs=1e-9)


def test_without_any_name_there_are_no_rivals_and_no_copies_left() -> None:
    model = MODELS["shipped"]
    row = made(model, {"handle": (5, 20.0), "targets": (3, 6.0)}, rivals=-0.25)
    assert row["imitation_bits"] < -1
    assert without(row, ("handle",), model) == pytest.approx(1 / (1 + 2.0**2.0), abs=1e-3)


def test_a_counterfactual_in_words() -> None:
    assert in_words([], 0.3) == "It is below one half already."
    assert in_words(["contact"], 0.2) == "Without contact it would fall below one half (to 0.20)."
    assert in_words(["a_b", "c", "d"], 0.001) == ("Without a b, c and d it would fall below one half (to under 0.01).")
    assert in_words(["c", "d"], 0.6) == "Even without c and d it would not fall below one half (0.60 is left)."
    assert in_words([], 0.6) == "Even without any evidence it would not fall below one half (0.60 is left)."
    assert in_words(["c"], 0.85, 0.9) == "Without c it would fall below 0.90 (to 0.85)."
