from itertools import combinations

import polars as pl
import pytest

from graphmatch.link import LinkResult, link
from graphmatch.link.explain import _without, counterfactual, reasons, sentence, waterfall
from graphmatch.model import COMPARISONS


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


def test_bars_add_up(result: LinkResult) -> None:
    assert result.matches.height
    for row in result.matches.iter_rows(named=True):
        drawn = waterfall(row, result.model)
        assert sum(bar.bits for bar in drawn.bars) == pytest.approx(drawn.match_weight, abs=1e-9)
        for bar in drawn.bars:
            if bar.kind == "comparison":
                assert bar.m is not None
                assert bar.u is not None
                assert bar.m / bar.u == pytest.approx(2**bar.bits)
                assert bar.family == COMPARISONS[bar.name].value


def test_reasons_are_ordered_and_show_no_value(result: LinkResult) -> None:
    row = result.matches.row(by_predicate=(pl.col("left") == "a") & (pl.col("right") == "b"), named=True)
    told = reasons(row, result.model, limit=2)
    assert len(told) == 2
    line = sentence(row, result.model)
    assert "same e-mail address (HMAC)" in "".join(reasons(row, result.model, limit=9))
    assert "\n" not in line
    for value in ("grimwald", "5ecret", "quarter", "Grim"):
        assert value not in line


def test_the_counterfactual_is_the_smallest(result: LinkResult) -> None:
    checked = 0
    for row in result.matches.filter(pl.col("match_probability") >= 0.5).iter_rows(named=True):
        lost = counterfactual(row, 0.5, result.model)
        for_it = [name for name in COMPARISONS if row[f"{name}_bits"] > 0]
        drops = [
            size
            for size in range(1, len(for_it) + 1)
            if any(_without(row, some, 0.25) < 0.5 for some in combinations(for_it, size))
        ]
        assert len(lost) == min(drops, default=len(for_it))
        checked += 1
    assert checked


def test_below_the_gate_nothing_need_be_lost(result: LinkResult) -> None:
    for row in result.matches.filter(pl.col("match_probability") < 0.5).iter_rows(named=True):
        assert counterfactual(row, 0.5) == []


def test_losing_nothing_changes_nothing(result: LinkResult) -> None:
    for row in result.matches.iter_rows(named=True):
        assert _without(row, (), result.model.family_share) == pytest.approx(row["match_probability"], abs=1e-9)
