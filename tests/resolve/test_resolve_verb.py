"""What ``graphmatch resolve`` prints of what holds an actor together."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from resolve_rows import matches
from typer.testing import CliRunner, Result

from graphmatch import tables
from graphmatch.cli import app
from graphmatch.store import open_store
from graphmatch.workspace import find

X = [f"x:x:{n}" for n in range(1, 4)]
Y = [f"y:y:{n}" for n in range(1, 4)]
TIGHT = [(a, b, 0.9999) for group in (X, Y) for a, b in combinations(group, 2)]
OTHERS = [("a:a:1", "b:b:1", 0.95), ("a:a:2", "b:b:2", 0.99999), ("a:a:2", "c:c:2", 0.99999)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with three actors: one that hangs on one link, one of two accounts, one of three."""
    folder = tmp_path / "workspace"
    run(folder, "init")
    rows = matches(*TIGHT, ("x:x:3", "y:y:1", 0.999), *OTHERS)
    accounts = pl.DataFrame({"account_id": sorted({*rows["left"], *rows["right"]})})
    whole = {name: pl.lit(None, dtype) for name, dtype in tables.dtypes("accounts").items()}
    whole |= {
        "account_id": pl.col("account_id"),
        "platform": pl.col("account_id").str.split(":").list.get(0),
        "instance": pl.col("account_id").str.split(":").list.get(1),
        "native_id": pl.col("account_id").str.split(":").list.get(2),
        "id_kind": pl.lit("numeric"),
    }
    with open_store(find(folder).store_url) as store:
        store.write("accounts", accounts.select(**whole))
        store.replace("matches", rows)
    return folder


def run(folder: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["-w", str(folder), *arguments])
    assert done.exit_code == code, done.output
    return done


def test_json_shows_each_actors_weakest_cut_and_bridges(folder: Path) -> None:
    found = [json.loads(row) for row in run(folder, "resolve", "--json").stdout.splitlines()]
    assert [row["actor_id"] for row in found] == sorted(row["actor_id"] for row in found)
    row = next(row for row in found if row["size"] == 6)
    assert (row["cut_left"], row["cut_right"], row["cut_links"], row["cut_probability"]) == (X, Y, 1, 0.999)
    assert row["bridges"] == [{"left": "x:x:3", "right": "y:y:1"}]
    assert row["account_ids"] == X + Y


def test_cuts_come_weakest_first_without_actors_of_two(folder: Path) -> None:
    found = [json.loads(row) for row in run(folder, "resolve", "--cuts", "--json").stdout.splitlines()]
    assert [row["size"] for row in found] == [6, 3]
    assert found[0]["cut_bits"] < found[1]["cut_bits"]


def test_a_person_is_told_where_an_actor_would_part(folder: Path) -> None:
    told = run(folder, "resolve", "--cuts", "--format", "table").stdout.splitlines()
    assert told[0].endswith(", 6 accounts, parts first at 20.0 bits")
    assert told[1:6] == [
        "    x:x:1, x:x:2, x:x:3",
        "  | y:y:1, y:y:2, y:y:3",
        "    1 link across, the strongest x:x:3 y:y:1 at probability 0.999",
        "    bridges: x:x:3 y:y:1",
        "",
    ]
    assert len(told) == 12


def test_a_judgement_between_takes_it_apart_there(folder: Path) -> None:
    run(folder, "judge", "x:x:3", "y:y:1", "negative", "--analyst", "jo", "--reason", "two people")
    found = [json.loads(row) for row in run(folder, "resolve", "--cuts", "--json").stdout.splitlines()]
    assert sorted(row["account_ids"] for row in found if row["cut_links"] == 2 and not row["bridges"]) == [X, Y]


def test_the_formats_that_hold_no_records_in_records(folder: Path) -> None:
    text = run(folder, "resolve", "--cuts", "--format", "csv").stdout.splitlines()
    row = dict(zip(text[0].split(","), text[1].split(","), strict=True))
    assert "left" not in row
    assert (row["cut_strongest"], row["bridges"]) == ("x:x:3 y:y:1", "x:x:3 y:y:1")
    assert "Suspected actors" in run(folder, "resolve", "--format", "table").stdout


def test_nothing_to_tell(folder: Path) -> None:
    done = run(folder, "resolve", "--cuts", "--format", "table", "--threshold", "1.0")
    assert done.stdout == ""
    assert "no suspected actor has three accounts or more" in done.stderr
