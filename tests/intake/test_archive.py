from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import UnreadableFile, UsageError
from graphmatch.intake.archive import Archive
from graphmatch.intake.guarded import CutOffFile


class Breaking(io.BytesIO):
    """Gives its content, then fails."""

    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content)
        self._error = error

    def read1(self, size: int | None = -1, /) -> bytes:
        block = super().read1(size)
        if not block:
            raise self._error
        return block


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=1, max_size=500))
def test_what_is_kept_comes_back_and_keeping_it_twice_keeps_it_once(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    archive = Archive(tmp_path_factory.mktemp("w") / "archive")
    kept = archive.keep(io.BytesIO(content))
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert archive.keep(io.BytesIO(content)) == kept
    with archive.open(kept.sha256) as stream:
        assert stream.read() == content
    assert [path for path in archive.directory.rglob("*") if path.is_file()] == [archive.path(kept.sha256)]


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    path = archive.path(archive.keep(io.BytesIO(b"x")).sha256)
    assert [stat.S_IMODE(p.stat().st_mode) for p in (archive.directory, path.parent, path)] == [0o700, 0o700, 0o600]


def test_a_broken_file_is_kept_as_far_as_it_goes_and_a_hostile_one_not_at_all(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    kept = archive.keep(Breaking(b"good", CutOffFile("cut")))
    assert (kept.size, kept.cut_off) == (4, "cut")
    with pytest.raises(UnreadableFile):
        archive.keep(Breaking(b"bad", UnreadableFile("bomb")))
    assert len([path for path in archive.directory.rglob("*") if path.is_file()]) == 1


def test_nothing_is_left_of_an_empty_file_or_of_a_run_that_died(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    assert archive.keep(io.BytesIO(b"")).size == 0
    dead = archive.directory / ".incoming-dead"
    dead.write_bytes(b"x")
    os.utime(dead, (0, 0))
    Archive(archive.directory)
    assert list(archive.directory.iterdir()) == []


def test_an_unknown_digest_and_a_damaged_archive_are_told(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    with pytest.raises(UsageError), archive.open("0" * 64):
        pass
    kept = archive.keep(io.BytesIO(b"content"))
    archive.path(kept.sha256).write_bytes(b"spoilt")
    with archive.open(kept.sha256) as stream, pytest.raises(UnreadableFile):
        stream.read()
