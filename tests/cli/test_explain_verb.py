"""``graphmatch explain``: text, JSON and page say the same, and none of them quotes the evidence."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from graphmatch.store import open_store
from graphmatch.workspace import find


@pytest.fixture(scope="module")
def tables(finished: Path) -> dict[str, pl.DataFrame]:
    with open_store(find(finished).store_url, read_only=True) as store:
        return {name: store.read(name) for name in ("matches", "sightings", "reports", "contents")}


@pytest.fixture(scope="module")
def pair(tables: dict[str, pl.DataFrame]) -> tuple[str, str]:
    """The best supported match that has contact evidence."""
    contact = tables["matches"].filter(pl.col("contact_bits") > 0).sort("match_weight", descending=True)
    return contact.row(0, named=True)["left"], contact.row(0, named=True)["right"]


@pytest.fixture(scope="module")
def told(cli, finished: Path, pair: tuple[str, str]) -> dict[str, Any]:
    return json.loads(cli("-w", finished, "explain", *pair, "--json").stdout)


def test_the_stored_match_is_told(told: dict[str, Any], tables: dict[str, pl.DataFrame], pair: tuple[str, str]) -> None:
    stored = tables["matches"].row(by_predicate=(pl.col("left") == pair[0]) & (pl.col("right") == pair[1]), named=True)
    assert {name: stored[name] for name in ("match_weight", "match_probability", "standing", "story")} == {
        name: told[name] for name in ("match_weight", "match_probability", "standing", "story")
    }
    assert sum(bar["bits"] for bar in told["bars"]) == pytest.approx(stored["match_weight"], abs=1e-9)
    assert told["bars"][-1]["weight"] == pytest.approx(stored["match_weight"], abs=1e-9)
    assert told["sentence"].startswith(told["likelihood"])
    assert [story["story"] for story in told["stories"] if story["chosen"]] == [stored["story"]]
    assert told["gate"] == 0.5
    assert told["counterfactual_probability"] < 0.5
    assert told["counterfactual_sentence"].startswith("Without ")


def test_behind_each_bar_stand_sightings_and_reports(told: dict[str, Any], tables: dict[str, pl.DataFrame]) -> None:
    known = set(tables["reports"]["report_id"])
    contact = next(bar for bar in told["bars"] if bar["name"] == "contact")
    assert {seen["account_id"] for seen in contact["sightings"]} == {told["left"], told["right"]}
    for bar in told["bars"]:
        assert set(bar["reports"]) <= known
        if bar["kind"] == "comparison":
            assert bar["family"]
            assert bar["level"] is not None
            assert bar["m"] / bar["u"] == pytest.approx(2 ** bar["bits"])
            assert bar["reports"]


def test_nothing_is_quoted(
    cli, finished: Path, tmp_path: Path, pair: tuple[str, str], tables: dict[str, pl.DataFrame]
) -> None:
    page = tmp_path / "why.html"
    text = cli("-w", finished, "explain", *pair, "--html", page).stdout
    document = cli("-w", finished, "explain", *pair, "--json").stdout
    said = (text + document + page.read_text("utf-8")).replace(pair[0], "").replace(pair[1], "")
    for account in pair:  # an id may be made of a handle; nothing else may show one
        said = said.replace(account.partition(":")[2], "")
    mine = pl.col("account_id").is_in(pair)
    seen = tables["sightings"].filter(mine)["value"].to_list()
    values = [value for value in seen if len(value) > 3]
    values += tables["reports"].filter(mine)["text"].drop_nulls().to_list()
    assert values
    assert not [value for value in values if value in said]


def test_the_page_is_for_its_owner_alone_and_is_replaced(
    cli, finished: Path, tmp_path: Path, pair: tuple[str, str]
) -> None:
    page = tmp_path / "why.html"
    done = cli("-w", finished, "explain", *pair, "--json", "--html", page)
    assert json.loads(done.stdout)["left"] == pair[0]
    assert "names reported accounts" in done.stderr
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    first = page.read_bytes()
    page.write_bytes(first + b"x" * 9_999)
    cli("-w", finished, "explain", *reversed(pair), "--html", page)
    assert page.read_bytes() == first
    assert first.startswith(b"<!doctype html>")


def test_the_text_shows_the_waterfall_the_stories_and_the_counterfactual(
    cli, finished: Path, pair: tuple[str, str], told: dict[str, Any]
) -> None:
    text = cli("-w", finished, "explain", *pair).stdout
    for part in (
        told["sentence"],
        told["counterfactual_sentence"],
        "= match weight in bits, probability",
        "(| is the gate: one half)",
        f"* {told['story'].replace('_', ' ')}: ",
        "  impersonation: ",
        "Behind the bars",
        "email_hmac",
    ):
        assert part in text, part
    assert "same person" not in text


def test_a_page_that_can_t_be_written_is_one_line(cli, finished: Path, tmp_path: Path, pair: tuple[str, str]) -> None:
    for path in (tmp_path / "nowhere" / "why.html", tmp_path):
        done = cli("-w", finished, "explain", *pair, "--html", path, code=2)
        assert len(done.stderr.splitlines()) == 1
        assert "can't be written" in done.stderr
        assert not done.stdout
