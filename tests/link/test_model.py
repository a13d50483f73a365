"""The model as a whole, with what labels taught: priors, sums, order, JSON, and EM alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from math import log2
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import UsageError
from graphmatch.link import default, link, score
from graphmatch.link.measures import LEARNED
from graphmatch.link.model import Model
from graphmatch.model import COMPARISONS, Family

#: What a match's weight is made of, but for the prior.
EVIDENCE = [*(f"{name}_bits" for name in COMPARISONS), *(f"{f}_discount_bits" for f in Family), "imitation_bits"]
SCALED = replace(default(), scales={"naming": 1.4, "self_description": 0.6, "behaviour": 2.0})
MODELS = {"shipped": default(), "judged": SCALED, "levels alone": default().unlabelled()}

NAMES = ["Grim Wald", "grimwald_77", "Ann O'Moor", "annomoor", "tess.fenwick", "Tess Fenwick"]
ODD = [
    "محمد علي",
    "دانا_1",
    "שירה",
    "🌾🌾",
    "👩🏽‍🌾",
    "",
    "   ",
    ".",
    "\u200b",
    "\u202egrimwald",
    "x" * 500,
    "ünï",
    "Ⓖⓡⓘⓜ",
]
TEXT = st.none() | st.sampled_from(NAMES) | st.sampled_from(ODD) | st.text(max_size=12)


@st.composite
def accounts(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a few accounts; some have a handle alone."""
    rows = draw(st.lists(st.tuples(st.sampled_from("xyz"), TEXT, TEXT, TEXT), min_size=2, max_size=7))
    names = ("platform", "handle", "display_name", "bio")
    drawn = [{"account_id": f"{n:02}", **dict(zip(names, row, strict=True))} for n, row in enumerate(rows)]
    table = pl.DataFrame(drawn, schema=dict.fromkeys(("account_id", *names), pl.String))
    return table.select("account_id", "platform", "handle") if draw(st.booleans()) else table


def people(size: int = 12) -> pl.DataFrame:
    """Two accounts each of people whose handles have little in common."""
    chance, rows = random.Random(7), []
    for n in range(size):
        handle = "".join(chance.choice("bcdfghjklmnpqrstvwxz") + chance.choice("aeiouy") for _ in range(5))
        rows += [(f"x:{n}", "x", handle, handle.title()), (f"reddit:{n}", "reddit", handle, None)]
    return pl.DataFrame(rows, schema=["account_id", "platform", "handle", "display_name"], orient="row")


def test_the_shipped_model_is_learned_and_says_from_what() -> None:
    model = default()
    assert model.learned is not None
    assert not model.scales
    assert model.card
    assert model.provenance


@settings(deadline=None, max_examples=8)
@given(accounts(), st.floats(1e-5, 0.3), st.sampled_from(sorted(MODELS)))
def test_a_hundredfold_prior_moves_every_weight_by_its_log_odds_alone(
    table: pl.DataFrame, prior: float, name: str
) -> None:
    model = MODELS[name].with_prior(prior)
    odds = 100 * prior / (1 - prior)
    far = model.with_prior(odds / (1 + odds))
    one, two = (link(table, model=one, min_probability=0.0).matches for one in (model, far))
    assert two.select("left", "right", *EVIDENCE).equals(one.select("left", "right", *EVIDENCE))
    if one.height:
        assert (two["match_weight"] - one["match_weight"] - log2(100)).abs().max() < 1e-9
        moved = two.select(pl.col("match_probability") - 1 / (1 + 2.0 ** -pl.col("match_weight"))).to_series()
        assert moved.abs().max() < 1e-12


@settings(deadline=None, max_examples=20)
@given(accounts(), st.sampled_from(sorted(MODELS)), st.booleans())
def test_the_parts_of_a_weight_add_up(table: pl.DataFrame, name: str, given_whole: bool) -> None:
    known: dict[str, Any] = {"model": MODELS[name]} if given_whole else {"start": MODELS[name]}
    matches = link(table, min_probability=0.0, **known).matches
    total = matches.select(pl.sum_horizontal("prior_bits", *EVIDENCE)).to_series()
    assert (total - matches["match_weight"]).abs().max() in (None, pytest.approx(0.0, abs=1e-9))
    assert matches.select(pl.col("match_weight", *EVIDENCE).is_finite().all()).row(0) == (True,) * (1 + len(EVIDENCE))
    assert matches["imitation_bits"].max() in (None, 0.0) or matches["imitation_bits"].max() <= 0.0


@settings(deadline=None, max_examples=6)
@given(accounts(), st.randoms(use_true_random=False), st.sampled_from(sorted(MODELS)))
def test_order_of_rows_changes_nothing(table: pl.DataFrame, chance: random.Random, name: str) -> None:
    shuffled = table[chance.sample(range(table.height), table.height)]
    one, two = (link(rows, start=MODELS[name], min_probability=0.0) for rows in (table, shuffled))
    assert one.matches.equals(two.matches)
    assert one.model == two.model


def test_what_was_not_observed_is_worth_nothing() -> None:
    nameless = people(3).with_columns(
        account_id=pl.lit("z") + pl.col("account_id"), platform=pl.lit("z"), handle=None, display_name="handle"
    )
    both = pl.concat([people(), nameless], how="vertical_relaxed")
    matches = link(both, model=default(), min_probability=0.0).matches
    for name in LEARNED:
        unseen = matches.filter(pl.col(f"{name}_level").is_null())
        assert set(unseen[f"{name}_bits"]) <= {0.0}, name
    assert matches["handle_level"].null_count() >= 6
    assert matches["display_name_level"].null_count() >= 12


def test_a_scale_multiplies_its_family_and_no_other() -> None:
    table = people().with_columns(bio=pl.lit("writes of ") + pl.col("handle") + pl.lit(" and the moor"))
    one = link(table, model=default(), min_probability=0.0).matches
    two = link(table, model=SCALED, min_probability=0.0).matches
    for name, family in COMPARISONS.items():
        expected = one[f"{name}_bits"] * SCALED.scales.get(family.value, 1.0)
        assert (two[f"{name}_bits"] - expected).abs().max() < 1e-9, name
    assert one["bio_bits"].max() > 1.0


def test_em_alone_links_without_labels() -> None:
    table = people(60)
    start = default().unlabelled()
    assert start.learned is None
    result = link(table, start=start)
    assert result.model.learned is None
    assert result.model.levels != start.levels
    true = {(f"reddit:{n}", f"x:{n}") for n in range(60)}
    found = set(result.matches.filter(pl.col("match_probability") >= 0.5).select("left", "right").iter_rows())
    assert found == true


def test_starting_from_learned_weights_fits_the_prior_alone() -> None:
    model = link(people(60)).model
    assert model.prior != default().prior
    assert replace(model, prior=default().prior, counts={}, seed=0) == replace(default(), counts={}, seed=0)
    # Sixty matches of 120 accounts, beside what the shipped prior counts for.
    expected = (60 + score.MATCHES_WEIGHT * default().prior * default().pairs_per_account) / (
        120 + score.MATCHES_WEIGHT
    )
    assert model.prior * model.pairs_per_account == pytest.approx(expected, rel=0.05)


def test_a_model_with_all_that_it_may_hold_survives_json() -> None:
    model = replace(
        SCALED, card={"read": "2026-11", "sets": 16, "nested": {"a": [1, 2.5]}}, counts={"accounts": 7.0}, seed=3
    )
    text = model.to_json()
    again = Model.from_json(text)
    assert again == model
    assert again.to_json() == text
    table = people(4)
    assert link(table, model=again).matches.equals(link(table, model=model).matches)
    plain = default().unlabelled()
    assert Model.from_json(plain.to_json()) == plain
    # Lists of numbers stand on one line: a table of a measure is to be read.
    assert max(map(len, text.splitlines())) > 100
    assert f'"bits": [{model.learned.measures["runs_cosine"].bits[0]}' in text  # type: ignore[union-attr]


def spoilt(change: Callable[[dict[str, Any]], Any]) -> str:
    document = json.loads(SCALED.to_json())
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.update(version=1), "version 1"),
        (lambda d: d.pop("version"), "version"),
        (lambda d: d.pop("learned"), "learned"),
        (lambda d: d["learned"]["measures"].pop("runs_cosine"), "runs_cosine"),
        (lambda d: d["learned"]["measures"].pop("handle_level"), "handle_level"),
        (lambda d: d["learned"]["rivals"].pop("rival_share_low"), "rival_share_low"),
        (lambda d: d["learned"].pop("rivals"), "rivals"),
        (lambda d: d["learned"]["measures"]["runs_cosine"]["bits"].pop(), "edges"),
        (lambda d: d["learned"]["measures"]["runs_cosine"].pop("edges"), "edges"),
        (lambda d: d["learned"]["measures"]["runs_cosine"]["bits"].__setitem__(0, float("nan")), "finite"),
        (lambda d: d.update(learned=[]), "no match model"),
        (lambda d: d.update(scales=None), "no match model"),
        (lambda d: d["comparisons"].pop("handle"), "handle"),
        (lambda d: d.update(prior=float("nan")), "prior"),
    ],
)
def test_a_spoilt_model_is_refused_by_what_is_wrong(change: Callable[[dict[str, Any]], Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        Model.from_json(spoilt(change))
