"""``graphmatch link --accounts`` on tables as strangers hand them in."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

ODD = ["محمد علي", "שירה", "🌾🌾", "👩🏽‍🌾", "", "   ", ".", "\u200b", "\u202egrimwald", "x" * 500, None]


def linked(cli, folder: Path, accounts: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Link a table; give its matches and how many candidate pairs there were."""
    accounts.write_parquet(folder / "a.parquet")
    done = cli("link", "--accounts", "a.parquet", "--output", "m.parquet", cwd=folder)
    counted = done.stderr.splitlines()[-1].partition(" of ")[2]
    return pl.read_parquet(folder / "m.parquet"), int(counted.split()[0].replace(",", ""))


def named(*handles: str | None, **more: list[str | None]) -> pl.DataFrame:
    """Put handles on two platforms in turn."""
    ids = [f"{'xy'[row % 2]}:{row}" for row in range(len(handles))]
    columns = {"account_id": ids, "platform": [one[0] for one in ids], "handle": list(handles), **more}
    return pl.DataFrame(columns, schema_overrides={"handle": pl.String})


def test_a_handle_is_enough(cli, tmp_path: Path) -> None:
    matches, _ = linked(cli, tmp_path, named("grimwald_77", "grimwald77", "qzx_tarn", "moorlandpete"))
    assert matches.filter(pl.col("match_probability") >= 0.5).select("left", "right").rows() == [("x:0", "y:1")]


def test_odd_names_are_linked_all_the_same(cli, tmp_path: Path) -> None:
    accounts = named(*ODD, *ODD, display_name=[*ODD[::-1], *ODD])
    matches, _ = linked(cli, tmp_path, accounts)
    assert matches.select(pl.col("match_weight", "match_probability").is_finite().all()).row(0) == (True, True)
    # Who has neither handle nor name is nobody's match.
    bare = [
        row for row, (one, two) in enumerate(accounts.select("handle", "display_name").rows()) if not one and not two
    ]
    assert not set(accounts["account_id"][bare]) & {*matches["left"], *matches["right"]}


def test_ten_thousand_accounts_of_one_handle_end_soon(cli, tmp_path: Path) -> None:
    crowd = named(*["admin"] * 10_000, "qzx_tarn", "qzxtarn")
    started = time.monotonic()
    matches, candidates = linked(cli, tmp_path, crowd)
    assert time.monotonic() - started < 60
    assert candidates == 1
    assert matches.select("left", "right").rows() == [("x:10000", "y:10001")]


def test_a_table_that_can_t_be_linked_is_refused_in_one_line(cli, tmp_path: Path) -> None:
    accounts = named("grimwald_77", "grimwald77", "grimwald77")
    bad = {
        "account_id": accounts.with_columns(account_id=pl.lit("x:1")),
        "platform": accounts.with_columns(platform=None),
        "'account_id'": accounts.drop("account_id"),
    }
    for said, table in bad.items():
        table.write_parquet(tmp_path / "a.parquet")
        done = cli("link", "--accounts", "a.parquet", "--output", "m.parquet", cwd=tmp_path, code=3)
        assert said in done.stderr
        assert "grimwald" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not (tmp_path / "m.parquet").exists()


@pytest.mark.parametrize("text", ["", "{", '{"version": 1}'])
def test_weights_that_are_none_are_refused_in_one_line(cli, tmp_path: Path, text: str) -> None:
    named("grimwald_77", "grimwald77").write_csv(tmp_path / "a.csv")
    (tmp_path / "w.json").write_text(text, "utf-8")
    done = cli("link", "--accounts", "a.csv", "--output", "m.csv", "--model", "w.json", cwd=tmp_path, code=2)
    assert "model" in done.stderr
    assert len(done.stderr.splitlines()) == 1
