"""``graphmatch evaluate``, as a process."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

NAMES = [
    ("grimwald_77", "Grim Wald"), ("moorlandpete", "Pete Moorland"), ("nan_northmoor", "Nan Northmoor"),
    ("hal_peverell", "Hal Peverell"), ("lainroake", "Lain Roake"), ("tarnquill", "Tarn Quill"),
    ("rhysdelamere", "Rhys Delamere"), ("bryonyokafor", "Bryony Okafor"), ("tessfenwick", "Tess Fenwick"),
    ("edholmquist", "Ed Holmquist"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give ``a.parquet`` and ``t.parquet``: ten persons on two platforms, two sets."""
    rows = []
    for n, (handle, name) in enumerate(NAMES):
        rows.append((f"x:x:{n}", "x", handle, name, "one" if n % 2 else "two"))
        rows.append((f"reddit:reddit:{n}", "reddit", handle.replace("_", ""), None, "one" if n % 2 else "two"))
    columns = ["account_id", "platform", "handle", "display_name", "dataset"]
    accounts = pl.DataFrame(rows, schema=columns, orient="row")
    accounts.write_parquet(tmp_path / "a.parquet")
    truth = accounts.select("account_id", pl.col("account_id").str.split(":").list.last().alias("person_id"))
    truth.write_parquet(tmp_path / "t.parquet")
    return tmp_path


def test_it_links_and_measures_without_a_workspace(cli, folder: Path) -> None:
    done = cli("evaluate", "a.parquet", "t.parquet", "--least", 2, "--json", cwd=folder)
    found = json.loads(done.stdout)
    assert list(found["sets"]) == ["one", "two"]
    assert (found["pooled"]["accounts"], found["pooled"]["true_pairs"]) == (20, 10)
    assert found["macro"]["f1"] == 1.0
    assert found["macro"]["blocking_recall"] == 1.0
    assert found["macro"]["actors_b_cubed_precision"] == 1.0
    assert len(found["pooled"]["reliability"]) == 15
    assert found["slices"][0]["slice"] == "all"
    assert found["unfair"] == []
    assert {row["error"] for row in found["errors"]} == {"missed", "false"}
    assert "candidate pairs" in done.stderr


def test_it_judges_the_matches_of_anybody(cli, folder: Path) -> None:
    (folder / "m.csv").write_text(
        "left,right,match_probability\nx:x:0,reddit:reddit:0,0.9\nx:x:2,reddit:reddit:0,0.6\nx:x:0,x:x:nobody,1\n",
        "utf-8",
    )
    arguments = ("evaluate", "a.parquet", "t.parquet", "--matches", "m.csv", "--least", 2)
    found = json.loads(cli(*arguments, "--json", cwd=folder).stdout)
    assert (found["pooled"]["links"], found["pooled"]["precision"], found["pooled"]["recall"]) == (2, 0.5, 0.1)
    assert found["unknown_pairs"] == 1
    assert "actors_b_cubed_f1" not in found["macro"]
    told = cli(*arguments, cwd=folder).stdout
    assert "macro" in told
    assert "True pairs that are missed: 9" in told
    assert "Links that are false: 1" in told
    assert "1 matches name an account that is not in the accounts table" in told


def test_linking_for_measures_gives_the_links_that_link_gives(cli, folder: Path) -> None:
    cli("link", "--accounts", "a.parquet", "--output", "m.parquet", cwd=folder)
    arguments = ("evaluate", "a.parquet", "t.parquet", "--least", 1, "--json")
    linked, given = (json.loads(cli(*arguments, *more, cwd=folder).stdout) for more in ((), ("--matches", "m.parquet")))
    for name in ("links", "precision", "recall", "f1", "b_cubed_f1", "pairs_at_0.9"):
        assert linked["pooled"][name] == given["pooled"][name], name
    assert linked["slices"][0]["false_links"] == given["slices"][0]["false_links"]


def test_a_truth_that_names_unknown_accounts_is_told(cli, folder: Path) -> None:
    truth = pl.read_parquet(folder / "t.parquet")
    more = pl.DataFrame({"account_id": ["x:x:nobody"], "person_id": ["p"]})
    pl.concat([truth[:5], more]).write_parquet(folder / "t.parquet")
    told = cli("evaluate", "a.parquet", "t.parquet", "--least", 1, cwd=folder).stdout
    assert "1 accounts of the truth are not in the accounts table" in told
    assert "15 accounts are not in the truth" in told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a, t: (pl.concat([a, a[:1]]), t), ("accounts", "account_id")),
        (lambda a, t: (a, pl.concat([t, t[:1]])), ("truth", "account_id")),
        (lambda a, t: (a, t.drop("person_id")), ("truth", "person_id")),
        (lambda a, t: (a.drop("platform"), t), ("accounts", "platform")),
    ],
)
def test_broken_tables_get_one_clear_error(cli, folder: Path, change, words: tuple[str, ...]) -> None:
    accounts, truth = change(pl.read_parquet(folder / "a.parquet"), pl.read_parquet(folder / "t.parquet"))
    accounts.write_parquet(folder / "a.parquet")
    truth.write_parquet(folder / "t.parquet")
    done = cli("evaluate", "a.parquet", "t.parquet", cwd=folder, code=3)
    assert len(done.stderr.splitlines()) == 1
    assert all(word in done.stderr for word in words)


def test_files_that_are_no_tables(cli, folder: Path) -> None:
    assert "no such file" in cli("evaluate", "a.parquet", "none.parquet", cwd=folder, code=3).stderr
    assert "TRUTH takes .parquet" in cli("evaluate", "a.parquet", "t.xlsx", cwd=folder, code=2).stderr


def test_empty_tables_measure_nothing(cli, folder: Path) -> None:
    for name in ("a", "t"):
        pl.read_parquet(folder / f"{name}.parquet")[:0].write_parquet(folder / f"{name}.parquet")
    found = json.loads(cli("evaluate", "a.parquet", "t.parquet", "--json", cwd=folder).stdout)
    assert (found["sets"], found["pooled"]["true_pairs"], found["macro"]["f1"]) == ({}, 0, None)
    assert "True pairs that are missed: 0" in cli("evaluate", "a.parquet", "t.parquet", cwd=folder).stdout


def test_handles_of_digits_stay_text(cli, folder: Path) -> None:
    (folder / "a.csv").write_text("account_id,platform,handle\n007,x,007\n7,reddit,7\n", "utf-8")
    (folder / "t.csv").write_text("account_id,person_id\n007,1\n7,01\n", "utf-8")
    found = json.loads(cli("evaluate", "a.csv", "t.csv", "--least", 1, "--json", cwd=folder).stdout)
    assert (found["pooled"]["accounts"], found["pooled"]["true_pairs"], found["unknown_accounts"]) == (2, 0, 0)
