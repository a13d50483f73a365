"""Settings: flag > environment > file > default, and errors that say where the wrong value stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmatch.errors import ConfigError
from graphmatch.settings import Settings, load, origin


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GRAPHMATCH_THRESHOLD", raising=False)
    path = tmp_path / "graphmatch.toml"
    path.write_text("threshold = 0.8\n[recipients.north]\nplatform = 'mastodon'\n", "utf-8")
    return path


def test_each_source_goes_before_the_next(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(None).threshold == 0.9
    assert load(toml).threshold == 0.8
    monkeypatch.setenv("GRAPHMATCH_THRESHOLD", "0.7")
    assert load(toml).threshold == 0.7
    assert load(toml, {"threshold": 0.6}).threshold == 0.6
    assert load(toml, {"threshold": None}).threshold == 0.7


def test_origin_names_the_source(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origin("threshold", None, {}) == "default"
    assert origin("threshold", toml, {}) == str(toml)
    assert origin("seed", toml, {}) == "default"
    monkeypatch.setenv("GRAPHMATCH_THRESHOLD", "0.7")
    assert "GRAPHMATCH_THRESHOLD" in origin("threshold", toml, {})
    assert origin("threshold", toml, {"threshold": 0.6}) == "flag"


def test_recipients_are_read(toml: Path) -> None:
    assert load(toml).recipients["north"].platform == "mastodon"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("timezone = 'Europe/Northmoor'\n", "tz database"),
        ("seeds = 1\n", "no such setting"),
        ("threshold = 7\n", "threshold"),
        ("treshold = 0.8\n", "treshold"),
        ("threshold = \n", "graphmatch.toml"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "graphmatch.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=named):
        load(path)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMATCH_SEED", "many")
    with pytest.raises(ConfigError, match="GRAPHMATCH_SEED"):
        load(None)


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
