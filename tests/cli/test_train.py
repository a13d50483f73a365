"""``graphmatch train``, and weights that are learned here: through real processes, as an analyst would go."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from graphmatch.errors import ConfigError
from graphmatch.journal import Journal
from graphmatch.link import default
from graphmatch.link.model import Model
from graphmatch.model import Judgement
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.store import open_store
from graphmatch.workspace import find


def matches_of(folder: Path) -> pl.DataFrame:
    with open_store(find(folder).store_url, read_only=True) as store:
        return store.read("matches").sort("match_weight", "left", "right", descending=True)


def judge(folder: Path, pairs: pl.DataFrame, word: str, analyst: str = "Jo Marl") -> None:
    """Record judgements as `graphmatch judge` does."""
    journal = Journal(find(folder).journal)
    for left, right in pairs.select("left", "right").iter_rows():
        journal.judge(left, right, Judgement(word), analyst=analyst, reason="seen", at=datetime.now(UTC))


def model_of(folder: Path, name: str = "model.json") -> Model:
    return Model.from_json((folder / ".graphmatch" / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def judged(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with seven judgements of either kind that agree, and some that do not."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("judged") / "workspace"))
    found = matches_of(folder)
    sure, unsure, disputed = found[:7], found[-7:], found[10:13]
    judge(folder, sure, "positive")
    judge(folder, unsure, "negative")
    judge(folder, disputed, "positive")
    judge(folder, disputed, "negative", "Sam Oke")
    return folder


@pytest.fixture
def workshop(judged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judged, tmp_path / "workspace"))


def test_too_few_judgements_say_how_many_it_takes(cli, workspace: Path) -> None:
    found = matches_of(workspace)
    judge(workspace, found[:8], "positive")
    judge(workspace, found[-4:], "negative")
    few = cli("-w", workspace, "train", "--json", code=5)
    assert "5 judged matches of either kind" in few.stderr
    assert "12 judged pairs" in few.stderr
    assert "graphmatch judge" in few.stderr
    assert len(few.stderr.splitlines()) == 1
    assert few.stdout == ""
    assert not find(workspace).trained.exists()


def test_what_was_learned_is_kept_used_and_forgotten(cli, workshop: Path) -> None:
    before, plain = matches_of(workshop), model_of(workshop)
    assert plain.scales == {}
    told = json.loads(cli("-w", workshop, "train", "--json").stdout)
    # Pairs that analysts disagree about teach nothing.
    assert (told["judged"], told["positive"], told["kept"]) == (14, 7, True)
    assert told["scales"]
    assert all(1 / 3 - 1e-3 <= scale <= 3 + 1e-3 for scale in told["scales"].values())
    assert told["log_loss_after"] < 1.0
    assert model_of(workshop, "trained.json").scales == told["scales"]
    # Until it is linked anew nothing has changed.
    assert matches_of(workshop).equals(before)
    assert model_of(workshop).scales == {}
    cli("-w", workshop, "link")
    assert model_of(workshop).scales == told["scales"]
    assert not matches_of(workshop).equals(before)
    said = cli("-w", workshop, "train", "--forget")
    assert "shipped weights" in said.stderr
    assert not find(workshop).trained.exists()
    cli("-w", workshop, "link")
    assert matches_of(workshop).equals(before)
    assert model_of(workshop) == plain


def test_a_dry_run_shows_and_keeps_nothing(cli, workshop: Path) -> None:
    shown = cli("-w", workshop, "train", "--dry-run")
    assert "14 judged pairs, 7 of them positive" in shown.stdout
    assert "log loss" in shown.stdout
    assert " times" in shown.stdout
    assert "kept" not in shown.stderr
    assert not find(workshop).trained.exists()
    assert "don't go together" in cli("-w", workshop, "train", "--forget", "--dry-run", code=2).stderr


@pytest.mark.parametrize("text", ["", "{", '{"version": 1}', "\x00\xff", '{"version": 2, "prior": 0.5}'])
def test_broken_weights_are_named_with_the_way_out(workshop: Path, text: str) -> None:
    workspace = find(workshop)
    workspace.trained.write_bytes(text.encode("latin-1"))
    with open_store(workspace.store_url, read_only=True) as store:
        line = Line(workspace, load(workspace.config), store)
        with pytest.raises(ConfigError, match=r"trained\.json .*graphmatch train --forget"):
            line.link()


def test_broken_weights_are_made_anew_or_forgotten(cli, workshop: Path) -> None:
    workspace = find(workshop)
    workspace.trained.write_text("no model", "utf-8")
    done = cli("-w", workshop, "link", code=2)
    assert len(done.stderr.splitlines()) == 1
    assert "trained.json" in done.stderr
    # Training starts from the weights of the last linking, so it mends them.
    cli("-w", workshop, "train")
    assert model_of(workshop, "trained.json").scales
    # But those are needed.
    workspace.model.write_text("no model", "utf-8")
    done = cli("-w", workshop, "train", code=2)
    assert "model.json" in done.stderr
    assert "graphmatch link" in done.stderr


def test_levels_only_learns_the_weights_here(cli, workshop: Path, tmp_path: Path) -> None:
    find(workshop).keep_trained(replace(model_of(workshop), scales={"naming": 1.5}).to_json())
    cli("-w", workshop, "link", "--levels-only")
    model = model_of(workshop)
    assert model.learned is None
    assert model.scales == {}
    assert model.levels != default().levels
    assert matches_of(workshop).height > 10
    weights = tmp_path / "weights.json"
    weights.write_text(model.to_json(), "utf-8")
    done = cli("-w", workshop, "link", "--levels-only", "--model", weights, code=2)
    assert "--levels-only and --model" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_levels_only_needs_no_workspace(cli, tmp_path: Path) -> None:
    handles = enumerate(("grimwald_77", "moorlandpete", "tessfenwick"))
    rows = [(f"{platform}:{n}", platform, handle) for n, handle in handles for platform in ("x", "reddit")]
    pl.DataFrame(rows, schema=["account_id", "platform", "handle"], orient="row").write_csv(tmp_path / "a.csv")
    weights = {}
    for flags in ((), ("--levels-only",)):
        cli("link", "--accounts", "a.csv", "--output", "m.csv", *flags, cwd=tmp_path)
        found = pl.read_csv(tmp_path / "m.csv").filter(pl.col("match_probability") >= 0.5).sort("left", "right")
        assert found.select("left", "right").rows() == [(f"reddit:{n}", f"x:{n}") for n in range(3)]
        weights[flags] = found["match_weight"].to_list()
    assert weights[()] != weights["--levels-only",]
