"""``graphmatch communities``: its tables, its page, and what it refuses."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest


def rows(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_communities_say_what_holds_them_and_go_on_when_run_again(cli, workspace: Path) -> None:
    done = cli("-w", workspace, "communities", "--resolution", "auto", "--json")
    assert "searches with three seeds agree on" in done.stderr
    first = rows(done)
    assert {row["resolution"] for row in first} == {0.05}
    for row in first:
        shares = sum(value for name, value in row.items() if name.endswith("_share"))
        assert shares == pytest.approx(1, abs=1e-6)
        assert 0 < row["chance_q"] <= 1
    lineage = rows(cli("-w", workspace, "communities", "--lineage", "--json"))
    assert {row["event"] for row in lineage} == {"continuation"}
    assert [row["community_id"] for row in lineage] == [row["community_id"] for row in first]
    # and at another resolution what became of each
    other = cli("-w", workspace, "communities", "--lineage", "--resolution", "0.3", "--json")
    assert "agree" not in other.stderr
    assert {row["community_id"] for row in first} == {name for row in rows(other) for name in row["earlier_ids"]}


def test_the_page_is_its_owners_alone_and_holds_the_largest(cli, workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "communities.html"
    done = cli("-w", workspace, "communities", "--html", page, "--json")
    assert "keep it as you keep the workspace" in done.stderr
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    text = page.read_text("utf-8")
    assert rows(done)[0]["community_id"] in text
    assert '<svg class="graph"' in text
    refused = cli("-w", workspace, "communities", "--html", tmp_path / "no" / "c.html", code=2)
    assert "can't be written" in refused.stderr


def test_layers_and_moves_are_tables_of_their_own_and_senseless_wishes_are_refused(cli, workspace: Path) -> None:
    layers = rows(cli("-w", workspace, "communities", "--layers", "--json"))
    assert [row["layer"] for row in layers] == ["target", "moment", "link", "text", "reply", "reporter"]
    moves = rows(cli("-w", workspace, "communities", "--moves", "--json"))
    assert all(row["movers"] >= 2 and 0 < row["q"] <= 1 for row in moves)
    cli("-w", workspace, "communities", "--moves", "--layers", code=2)
    assert "resolution" in cli("-w", workspace, "communities", "--resolution", "high", code=2).stderr
