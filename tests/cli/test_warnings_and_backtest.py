"""``graphmatch warnings`` and ``graphmatch backtest``, as a user runs them."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from graphmatch import tables
from graphmatch.link import default
from graphmatch.store import open_store
from graphmatch.workspace import create, find

OLD, NEW = "x:x:1", "bluesky:bsky:did:plc:2"
DATE = datetime(2026, 4, 13, tzinfo=UTC)


def day(number: float) -> datetime:
    return DATE + timedelta(days=number)


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


def account(name: str, handle: str, since: float) -> dict[str, Any]:
    platform, instance, native = name.split(":", 2)
    row = {"account_id": name, "platform": platform, "instance": instance, "native_id": native, "id_kind": "opaque"}
    seen = {"handle": handle, "handle_at": day(since), "first_observed_at": day(since), "last_observed_at": day(9)}
    return row | seen


def report(name: str, about: str, at: float) -> dict[str, Any]:
    row = {"report_id": name, "account_id": about, "source": "s", "source_kind": "report", "platform": "x", "count": 1}
    row |= {"category_reported": "abuse.insult", "specificity": "exact", "gate": "terms"}
    return row | {"reported_at": day(at), "observed_at": day(at)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One account that was suspended, and one of the same suspected actor that nobody reported."""
    workspace = create(tmp_path / "small")
    done = {
        "enforcement_id": "e",
        "platform": "x",
        "source": "s",
        "action": "account_suspended_perm",
        "scope": "platform",
    }
    done |= {"action_raw": "banned", "account_id": OLD, "at_earliest": day(-5), "at_latest": day(-5)}
    actor = {"actor_id": "a", "account_ids": [OLD, NEW], "platforms": ["bluesky", "x"], "size": 2}
    with open_store(workspace.store_url) as store:
        store.write("accounts", frame("accounts", [account(OLD, "Grimwald_7x", -9), account(NEW, "gr1mwald7x", -2)]))
        store.write("reports", frame("reports", [report("r", OLD, -6)]))
        store.write("enforcements", frame("enforcements", [done]))
        store.replace("actors", frame("actors", [actor | {"match_probability": 0.95, "standing": "suggested"}]))
    workspace.keep_model(default().to_json())
    return workspace.root


def test_warnings_are_rows_with_their_factors_and_reasons(cli, folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "warnings.html"
    done = cli("-w", folder, "warnings", "--json", "--html", page)
    row = json.loads(done.stdout)
    assert (row["account_id"], row["standing"], row["enforced_account_id"]) == (NEW, "suggested", OLD)
    assert row["priority"] == pytest.approx(0.95 * row["recency"] / 3)
    assert row["as_of"] == "2026-04-22T00:00:00Z"
    assert "1 warnings: 1 accounts that nobody reported" in done.stderr
    assert NEW in page.read_text("utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    halved = json.loads(cli("-w", folder, "warnings", "--json", "--half-life-days", "14").stdout)
    assert halved["recency"] == pytest.approx(0.5)


def test_the_table_is_followed_by_reasons_and_a_caution(cli, folder: Path) -> None:
    told = cli("-w", folder, "warnings", "--format", "table").stdout
    assert f"1. {NEW}" in told
    assert "an account on x was suspended on 2026-04-08 00:00Z, 14 days before 2026-04-22" in told
    assert "nobody has said anything about these accounts" in told


def test_a_world_in_which_everybody_was_reported_has_no_warning(cli, finished: Path) -> None:
    done = cli("-w", finished, "warnings", "--json")
    assert done.stdout == ""
    assert "0 warnings: 0 accounts that nobody reported" in done.stderr


def test_warnings_rest_on_links(cli, folder: Path) -> None:
    (folder / ".graphmatch" / "model.json").unlink()
    assert "run: graphmatch link" in cli("-w", folder, "warnings", code=5).stderr


def test_a_warning_that_can_t_begin_is_explained(cli, folder: Path) -> None:
    with open_store(create_url(folder)) as store:
        lifted = {
            "enforcement_id": "f",
            "platform": "x",
            "source": "s",
            "action": "account_restored",
            "scope": "platform",
        }
        store.write("enforcements", frame("enforcements", [lifted | {"action_raw": "undone", "account_id": OLD}]))
    done = cli("-w", folder, "warnings", "--json")
    assert done.stdout == ""
    assert "a warning begins at an account that a platform acted against" in done.stderr


def create_url(folder: Path) -> str:

    return find(folder).store_url


@pytest.fixture
def reported_later(folder: Path) -> Path:
    with open_store(create_url(folder)) as store:
        store.write("reports", frame("reports", [report("s", NEW, 4)]))
    return folder


def test_the_backtest_says_what_would_have_been_said(cli, reported_later: Path, tmp_path: Path) -> None:
    page = tmp_path / "backtest.html"
    span = ("--from", "2026-04-13", "--to", "2026-04-16", "--step", "day")
    done = cli("-w", reported_later, "backtest", *span, "-k", "3", "--json", "--html", page)
    told = json.loads(done.stdout)
    by = {row["method"]: row for row in told["over_all"]}
    handle = by["same_handle"]
    assert (handle["named"], handle["hits"], handle["precision"], handle["lead_days"]) == (1, 1, 1.0, 4.0)
    assert by["everyone"]["hits"] == 1
    assert [row["at"][:10] for row in told["coverage"]] == ["2026-04-13", "2026-04-14", "2026-04-15", "2026-04-16"]
    assert all(row["unreported"] == 1 for row in told["coverage"])
    assert any("lower bound" in note for note in told["notes"])
    assert (told["could_be_named"], told["of_them_borne_out"]) == (1, 1)
    assert "<svg" in page.read_text("utf-8")
    assert NEW not in page.read_text("utf-8")


def test_the_backtest_as_tables_and_as_csv(cli, reported_later: Path) -> None:
    span = ("--from", "2026-04-13", "--to", "2026-04-13")
    table = cli("-w", reported_later, "backtest", *span, "--format", "table").stdout
    assert "What was known" in table
    assert "read precision beside this" in table
    csv = cli("-w", reported_later, "backtest", *span, "--format", "csv").stdout
    assert csv.startswith("at,method,k,listed,hits,precision")


def test_dates_that_no_backtest_can_be_made_of(cli, reported_later: Path) -> None:
    for first, last, words in (
        ("2026-04-14", "2026-04-13", "--from lies after --to"),
        ("2020-01-01", "2020-01-02", "outside of the data"),
    ):
        done = cli("-w", reported_later, "backtest", "--from", first, "--to", last, code=2)
        assert words in done.stderr
