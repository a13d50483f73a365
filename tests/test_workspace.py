"""The workspace: found upward, made once, its key kept to its owner."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from graphmatch.errors import ConfigError, NoWorkspace
from graphmatch.workspace import create, find


def test_create_twice_keeps_the_key(tmp_path: Path) -> None:
    first = create(tmp_path / "a").keyring().email("grim@mailbox.example")
    second = create(tmp_path / "a").keyring().email("grim@mailbox.example")
    assert first == second
    assert create(tmp_path / "b").keyring().email("grim@mailbox.example") != first


def test_others_can_read_neither_key_nor_home(tmp_path: Path) -> None:
    home = create(tmp_path).home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "key").stat().st_mode) == 0o600


def test_found_from_a_folder_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = create(tmp_path)
    below = tmp_path / "exports" / "week"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find() == workspace
    assert find(tmp_path) == workspace


def test_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspace, match="init"):
        find(tmp_path)


@pytest.mark.parametrize("text", ["", "abcd", "not hex at all"])
def test_a_broken_key_is_said_to_be_lost(tmp_path: Path, text: str) -> None:
    workspace = create(tmp_path)
    (workspace.home / "key").write_text(text)
    with pytest.raises(ConfigError, match="backup"):
        workspace.keyring()
