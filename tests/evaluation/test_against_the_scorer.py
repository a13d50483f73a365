"""The measures agree with the scorer of the reference data, where both measure the same."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

from graphmatch.evaluation import judge, measures

SCORER = Path(__file__).parents[2].parent / "shared" / "data" / "score.py"
pytestmark = [
    pytest.mark.skipif(not SCORER.is_file(), reason="the scorer (../shared/data/score.py) is not here"),
    # The scorer leaves a file open.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_scorer", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def agree(folder: Path, accounts: pl.DataFrame, truth: pl.DataFrame, matches: pl.DataFrame) -> None:
    accounts.write_parquet(folder / "accounts.parquet")
    truth.write_parquet(folder / "truth.parquet")
    (folder / "same.json").write_text(json.dumps({}), "utf-8")
    links = matches.rename({"left": "a", "right": "b", "match_probability": "score"})
    theirs = scorer().score(str(folder), links, t=0.5)
    ours = measures(judge(matches, accounts, truth))
    for name, row in ours["sets"].items():
        expected = theirs[name]
        assert (row["true_pairs"], row["pairs"]) == (expected["true_pairs"], expected["submitted"])
        at = expected["at_t"]
        assert (row["precision"], row["recall"], row["f1"]) == pytest.approx((at["P"], at["R"], at["F1"]))
        best = expected["best"]
        assert (row["best_f1"], row["best_threshold"]) == pytest.approx((best["F1"], best["t"]))
        assert row["average_precision"] == pytest.approx(expected["avg_precision"])
        cubed = [row[f"b_cubed_{part}"] for part in ("precision", "recall", "f1")]
        assert cubed == pytest.approx([expected["b3"][part] for part in "PRF"])
    macro = ours["macro"]
    assert macro["best_f1"] == pytest.approx(theirs["_macro"]["best_F1"])
    assert macro["f1"] == pytest.approx(theirs["_macro"]["F1_at_t"])
    assert macro["b_cubed_f1"] == pytest.approx(theirs["_macro"]["b3_F"])


def drawn(truth: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Draw matches: right ones more probable, no two probabilities alike (the scorer takes equals in row order)."""
    random = np.random.default_rng(seed)
    inside = truth.join(truth, on=["dataset", "person_id"], suffix="_b").select("account_id", "account_id_b")
    mixed = truth.join(truth, on="dataset", suffix="_b").select("account_id", "account_id_b")
    pairs = pl.concat([inside.sample(fraction=0.5, seed=seed), mixed.sample(min(mixed.height, 2_000), seed=seed)])
    pairs = pairs.unique(maintain_order=True)
    places = np.linspace(0.001, 0.999, pairs.height)
    random.shuffle(places)
    return pairs.rename({"account_id": "left", "account_id_b": "right"}).with_columns(
        pl.Series("match_probability", places)
    )


def test_on_invented_sets(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    size = 400
    accounts = pl.DataFrame(
        {
            "account_id": [f"a{n}" for n in range(size)],
            "platform": random.choice(["x", "reddit", "mastodon", "rare"], size, p=[0.4, 0.3, 0.28, 0.02]),
            "dataset": random.choice(["one", "two", "three"], size),
        }
    )
    truth = accounts.select(
        "account_id", pl.Series("person_id", random.integers(0, 90, size)).cast(pl.String), "dataset"
    )
    agree(tmp_path, accounts, truth, drawn(truth, 3))


def test_on_a_reference_set(tmp_path: Path) -> None:
    if not (SCORER.parent / "accounts.parquet").is_file():
        pytest.skip("the reference accounts (../shared/data) are not here")
    wanted = pl.col("dataset").is_in(["congress", "masto_lists"])
    accounts = pl.read_parquet(SCORER.parent / "accounts.parquet").filter(wanted)
    truth = pl.read_parquet(SCORER.parent / "truth.parquet").filter(wanted).select("account_id", "person_id", "dataset")
    agree(tmp_path, accounts, truth, drawn(truth, 4))
