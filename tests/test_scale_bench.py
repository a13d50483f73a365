"""The benchmarks of linking at scale: what they count, on figures that can be worked out by hand."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.evaluation import best_f1
from graphmatch.model import SignalKind

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def benchmarks():
    """Import a module of ``benchmarks/``, which is no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module


@pytest.fixture(scope="module")
def scale(benchmarks):
    return benchmarks("scale")


@pytest.fixture(scope="module")
def hubs(benchmarks):
    return benchmarks("hubs")


@pytest.fixture(scope="module")
def results(benchmarks):
    return benchmarks("results")


#: Of one operator: a b c and d e, four true pairs.
OWNERS = pl.DataFrame({"account_id": list("abcdef"), "person": [1, 1, 1, 2, 2, 3]})


def scored(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["left", "right", "match_weight"], orient="row")


def test_the_best_threshold_takes_pairs_of_one_weight_together(scale) -> None:
    found = scored(("a", "b", 9.0), ("d", "e", 5.0), ("a", "f", 5.0), ("c", "d", 1.0))
    # from 9: 1 of 1, F1 2/5; from 5: 2 of 3, F1 4/7; from 1: 2 of 4, F1 4/8
    assert scale.best_threshold(found, OWNERS) == {
        "f1": round(4 / 7, 4), "precision": round(2 / 3, 4), "recall": 0.5, "threshold": 5.0,
    }  # fmt: skip


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["ab", "ac", "bc", "de", "af", "cd", "ef"]), st.integers(-3, 3)),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
def test_best_f1_is_that_of_the_evaluation(scale, rows: list[tuple[str, int]]) -> None:
    found = scored(*((pair[0], pair[1], float(weight)) for pair, weight in rows))
    owner = dict(OWNERS.iter_rows())
    true = np.array([owner[left] == owner[right] for left, right, _ in found.iter_rows()])
    expected = best_f1(found["match_weight"].to_numpy(), true, 4)
    assert scale.best_threshold(found, OWNERS)["f1"] == round(expected.f1, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict:
    command = [sys.executable, str(BENCHMARKS / "scale.py"), "--accounts", "400", "--rounds", "1", "--json"]
    done = subprocess.run(
        [*command, "--only", "graphmatch", "--data", str(folder)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_its_last_line_tells_what_linking_took_and_found(told: dict) -> None:
    assert {"wall_s", "cpu_s", "peak_gib", "pairs", "f1"} <= told["graphmatch"].keys()
    assert told["graphmatch"]["pairs"] > 0
    assert 0 < told["graphmatch"]["f1"] < 1
    assert "splink" not in told


def test_each_candidate_pair_has_a_number_that_is_on_its_two_accounts(scale, folder: Path, told: dict) -> None:
    options = Namespace(accounts=400, seed=1, data=folder)
    assert scale.block(options) == {"pairs": told["graphmatch"]["pairs"]}
    numbers = pl.read_parquet(scale.pairs_file(options)).explode("pair_numbers", keep_nulls=False)["pair_numbers"]
    assert numbers.value_counts()["count"].unique().to_list() == [2]
    assert numbers.n_unique() == told["graphmatch"]["pairs"]


def test_pairs_given_and_pairs_scored_are_compared(scale) -> None:
    numbered = pl.DataFrame({"account_id": ["a", "b", "c"], "pair_numbers": [[0, 1], [0], [1]]})
    both = pl.DataFrame({"left": ["b", "a"], "right": ["a", "c"]})
    assert scale.same_pairs(both, numbered)
    assert not scale.same_pairs(both.head(1), numbered)
    assert not scale.same_pairs(pl.DataFrame({"left": ["b", "b"], "right": ["a", "c"]}), numbered)
    assert not scale.same_pairs(pl.concat([both, both]), numbered)


def test_a_run_that_fails_says_why(scale, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise ValueError('no such accounts')")
    with pytest.raises(SystemExit, match="no such accounts"):
        scale.child(script=str(broken))


ACCOUNTS = pl.DataFrame({"account_id": ["a", "b"], "handle": ["x", "y"], "bio": [None, "z"]})
SIGHTINGS = pl.DataFrame({"account_id": ["b"], "kind": ["email_hmac"], "value": ["own"]})


def test_a_hub_is_given_to_the_chosen_accounts_and_no_others(hubs) -> None:
    chosen = pl.Series(["b"])
    accounts, sightings = hubs.SCENARIOS["admin_handle"]((ACCOUNTS, SIGHTINGS), chosen)
    assert accounts["handle"].to_list() == ["x", "admin"]
    assert sightings.equals(SIGHTINGS)
    accounts, sightings = hubs.SCENARIOS["one_email"]((ACCOUNTS, SIGHTINGS), chosen)
    assert accounts.equals(ACCOUNTS)
    assert sightings.rows() == [("b", "email_hmac", "own"), ("b", SignalKind.EMAIL_HMAC.value, "hub-email")]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [((1500, 6000), True), ((2000, 4000), False), ((300, 1500), False), ((0, 0), False)],
)
def test_a_rule_is_quadratic_by_what_the_hub_adds(hubs, pairs: tuple[int, int], expected: bool) -> None:
    plain = (1000, 2000)
    rule = {"pairs": [few + more for few, more in zip(plain, pairs, strict=True)], "pairs_without_hub": list(plain)}
    # a tenth of twice 10,000 accounts: 1500 pairs more are too few, though they grow fivefold
    assert hubs.quadratic(rule, accounts=10_000) is expected


def test_the_page_says_of_which_machine_and_versions_the_figures_are(results) -> None:
    one = {"wall_s": 2.0, "cpu_s": 4.0, "peak_gib": 1.0, "pairs": 2_000_000, "f1": 0.7, "precision": 0.7}
    one |= {"recall": 0.7, "pairs_per_s": 1_000_000.0}
    told = {"graphmatch": one, "splink": one | {"wall_s": 20.0, "cpu_s": 30.0}}
    run = results.Run("scale", 10_000, "scale.py", ())
    kept = {
        "scale-10000": {"made_at": "2026-05-01T10:00", "machine": "M", "versions": {"polars": "2"}, "told": told},
        "scale-7": {"made_at": "2026-05-01T10:00", "machine": "old", "versions": {}, "told": told},
    }
    page = results.page(kept, [run, results.Run("floor", 10_000, "floor.py", ())])
    assert "| 10,000 |  | Splink ÷ graphmatch | **10.0** | **7.5** | **1.0** |" in page
    assert "*10,000 on 2026-05-01: M; polars 2.*" in page
    assert "old" not in page
    assert "Floor" not in page


def test_stages_are_laid_out_by_name(results) -> None:
    found = {
        5: {"runs": [{"accounts": 5, "stages": {"link": {"cpu_s": 1.5}, "write": {"cpu_s": 0.25, "peak_gib": 2}}}]}
    }
    assert results.by_stage(found).splitlines() == [
        "| accounts |", "| ---: |", "| 5 |", "",
        "| stages | cpu_s | peak_gib |", "| --- | ---: | ---: |", "| link | 1.5 | – |", "| write | 0.250 | 2 |",  # noqa: RUF001
    ]  # fmt: skip
