from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from graphmatch.errors import UnreadableFile, UsageError
from graphmatch.intake.files import InputFile, Refused, expand
from graphmatch.intake.guarded import CutOffFile, Limits

SMALL = Limits(max_bytes=5_000_000, free_bytes=10_000, max_ratio=200)


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def found(*paths: Path, limits: Limits | None = None) -> dict[str, bytes | str]:
    """Give each name's content, or why it was refused."""
    result: dict[str, bytes | str] = {}
    for file in expand([str(path) for path in paths], limits):
        if isinstance(file, Refused):
            result[file.name] = file.why
            continue
        try:
            with file.open() as stream:
                result[file.name] = stream.read()
        except UnreadableFile as error:
            result[file.name] = str(error)
    return result


def test_a_folder_is_read_to_its_depths_in_order_without_what_is_not_an_export(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "truth/t.csv", "a/truth/t.csv", ".hidden", ".graphmatch/key", "graphmatch.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "r.csv").write_text("r")
    assert list(found(tmp_path)) == ["b.json", "z.json"]
    assert list(found(tmp_path / "truth")) == ["t.csv"]


def test_a_missing_path_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(UsageError, match="no such file"):
        expand([str(tmp_path / "a"), str(tmp_path / "nothing")])


def test_gz_and_zip_are_told_by_content(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(gzip.compress(b"one") + gzip.compress(b" more"))
    make_zip(tmp_path / "y.dat", {"in/b.json": b"two", "in/a.json": b"three", "__MACOSX/a.json": b"-", "e/": b""})
    assert found(tmp_path) == {"x.json": b"one more", "y.dat:a.json": b"three", "y.dat:b.json": b"two"}


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "s.json").write_text("secret")
    (inside / "a.json").write_text("fine")
    (inside / "b.json").symlink_to(outside / "s.json")
    (inside / "c.json").symlink_to(inside / "a.json")
    (inside / "d").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    got = found(inside)
    assert got["a.json"] == got["c.json"] == b"fine"
    assert "link" in str(got["b.json"])
    assert "link" in str(got["d"])
    assert len(got) == 4


@pytest.mark.parametrize("name", ["../up.json", "a/../../up.json", "/etc/up.json", "C:/up.json", "..\\up.json"])
def test_a_member_that_leaves_the_archive_is_refused_and_the_rest_read(tmp_path: Path, name: str) -> None:
    archive = make_zip(tmp_path / "z.zip", {name: b"bad", "good.json": b"good"})
    assert found(archive) == {"z.zip:up.json": "its path leaves the archive", "z.zip:good.json": b"good"}


def test_archives_inside_archives_are_refused(tmp_path: Path) -> None:
    inner = make_zip(tmp_path / "inner.zip", {"a": b"a"}).read_bytes()
    outer = make_zip(tmp_path / "outer.zip", {"inner.zip": inner, "b.gz": gzip.compress(b"b"), "c": b"c"})
    (tmp_path / "twice.gz").write_bytes(gzip.compress(gzip.compress(b"x")))
    got = found(outer, tmp_path / "twice.gz")
    assert got.pop("outer.zip:c") == b"c"
    assert all("archive inside an archive" in str(why) for why in got.values())
    assert len(got) == 3


def test_office_documents_encrypted_members_and_links_are_refused(tmp_path: Path) -> None:
    sheet = make_zip(tmp_path / "s.xlsx", {"[Content_Types].xml": b"<x/>", "xl/a.xml": b"<x/>"})
    linked = tmp_path / "l.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        info = zipfile.ZipInfo("link.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "CSV" in str(found(sheet)["s.xlsx"])
    assert "link" in str(found(linked)["l.zip:link.json"])


def test_bombs_are_bounded_by_ratio_and_by_size(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\0" * 3_000_000))
    bomb = make_zip(tmp_path / "bomb.zip", {f"{n}.json": b"0" * 60_000 for n in range(4)})
    got = found(tmp_path / "bomb.gz", bomb, limits=SMALL)
    assert "zip bomb" in str(got["bomb.gz"])
    assert "zip bomb" in str(got["bomb.zip:3.json"])
    assert isinstance(got["bomb.zip:0.json"], bytes)
    (tmp_path / "large.gz").write_bytes(gzip.compress(os.urandom(20_000)))
    assert "more than 10,000 bytes" in str(found(tmp_path / "large.gz", limits=Limits(max_bytes=10_000))["large.gz"])


def test_damaged_archives_say_so_and_give_what_comes_before(tmp_path: Path) -> None:
    content = os.urandom(500_000)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(content)[:-100_000])
    (file,) = expand([str(tmp_path / "cut.gz")])
    assert isinstance(file, InputFile)
    before = b""
    with file.open() as stream, pytest.raises(CutOffFile, match="cut off"):  # noqa: PT012 - it breaks in the middle
        while block := stream.read1(1000):
            before += block
    assert content.startswith(before)
    assert len(before) > 100_000
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04" + b"x" * 100)
    assert found(tmp_path / "bad.zip") == {"bad.zip": "not readable as a zip archive"}


def test_standard_input_may_be_packed_but_not_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    given(gzip.compress(b"packed"))
    assert found(Path("-")) == {"stdin": b"packed"}
    given(b"ab")
    assert found(Path("-")) == {"stdin": b"ab"}
    given(make_zip(tmp_path / "z.zip", {"a": b"a"}).read_bytes())
    assert "zip" in str(found(Path("-"))["stdin"])
