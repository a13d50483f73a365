"""The workspace: found upward, made once, its key kept to its owner."""

from __future__ import annotations

import multiprocessing
import os
import stat
from multiprocessing.synchronize import Barrier
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


def _create(root: Path, start: Barrier) -> None:
    start.wait()
    create(root)


def test_made_by_several_processes_at_once_it_has_one_whole_key(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(4)
    makers = [spawn.Process(target=_create, args=(tmp_path, start)) for _ in range(3)]
    for maker in makers:
        maker.start()
    start.wait()
    made = create(tmp_path)
    key = made.keyring().fingerprint()
    for maker in makers:
        maker.join()
        assert maker.exitcode == 0
    assert made.keyring().fingerprint() == key
    assert {path.name for path in [*tmp_path.iterdir(), *made.home.iterdir()]} == {
        "graphmatch.toml",
        ".graphmatch",
        "key",
    }


def test_settings_and_key_that_are_there_stay(tmp_path: Path) -> None:
    workspace = create(tmp_path)
    workspace.config.write_text("seed = 3\n")
    create(tmp_path)
    assert workspace.config.read_text() == "seed = 3\n"


def test_where_a_file_has_one_name_only_it_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first = create(tmp_path).keyring().fingerprint()
    assert create(tmp_path).keyring().fingerprint() == first


def test_weights_that_can_t_be_written_leave_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = create(tmp_path)
    workspace.keep_model("one")
    workspace.keep_model("two")

    def full(_: int) -> None:
        raise OSError(28, "no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no room"):
        workspace.keep_model("three")
    assert workspace.model.read_text() == "two"
    assert not [path for path in workspace.home.iterdir() if path.name.startswith(".")]
