"""Paths → files to read: folders, ``.gz`` and ``.zip`` opened up, hostile names and links refused with a reason."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from graphmatch.errors import UnreadableFile, UsageError
from graphmatch.intake.guarded import GZIP_START, ZIP_STARTS, Limits, guarded
from graphmatch.readers.streams import Tap

STDIN = "-"
_CONFIG = "graphmatch.toml"
_MAX_MEMBERS = 100_000
#: Notes that lie beside exports. Given by its own path, such a file is looked at like any other.
_NOTES = (".md", ".rst")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    ``name`` has no directories, and is what is kept; ``where`` is the path as the user would write it, and is only
    said. ``size`` is how many bytes ``open`` will give, where that is known.
    """

    name: str
    where: str
    open: Callable[[], AbstractContextManager[io.BufferedReader]]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A name that leads to no file that may be read, and why; ``where`` as in `InputFile`."""

    name: str
    where: str
    why: str


def expand(paths: Sequence[str], limits: Limits | None = None) -> Iterator[InputFile | Refused]:
    """Find the files that ``paths`` name, in a stable order.

    Folders are read to their depths, sorted, without hidden files, notes (``.md``), ``truth`` folders, links that leave
    the folder and a workspace's own files. Archives are told by content. ``-`` is standard input.

    Raises
    ------
    UsageError
        A path does not exist; raised before any file is opened.
    """
    for path in paths:
        if path != STDIN and not Path(path).exists():
            raise UsageError(f"{path}: there is no such file or folder")
    return _expand(paths, limits or Limits())


def _expand(paths: Sequence[str], limits: Limits) -> Iterator[InputFile | Refused]:
    for path in paths:
        if path == STDIN:
            yield InputFile("stdin", "stdin", lambda: _open_stream(sys.stdin.buffer, "stdin", limits))
        elif Path(path).is_dir():
            for found in _walk(Path(path)):
                yield from [found] if isinstance(found, Refused) else _file(found, str(found), limits)
        else:
            yield from _file(Path(path), path, limits)


def _walk(folder: Path) -> Iterator[Path | Refused]:
    root = folder.resolve()
    closed: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=closed.append):
        own = {"releases"} if _CONFIG in names else set()
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not _skipped(name) and name not in own and name not in links)
        for name in sorted(names + links):
            path = Path(here) / name
            if _skipped(name):
                continue
            if why := _no_file(path, root):
                yield Refused(name, str(path), why)
            elif not os.path.isdir(path):  # noqa: PTH112 - unlike Path's, it takes a path that may not be looked at
                yield path
    for error in closed:
        path = Path(error.filename)
        yield Refused(path.name, str(path), f"the folder can't be read: {error.strerror}")


def _no_file(path: Path, root: Path) -> str | None:
    """Say why something in a folder can't be read, if so. What can't be told is left to the opening of it."""
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):
        return "a link that leads nowhere" if os.path.islink(path) else None  # noqa: PTH114 - as above
    if path.is_symlink() and not target.is_relative_to(root):
        return "a link that leaves the folder is not followed"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "a pipe or a device; to read it, give its own path"
    return None


def _skipped(name: str) -> bool:
    return name.startswith(".") or name in ("truth", "__MACOSX", _CONFIG) or name.lower().endswith(_NOTES)


def _file(path: Path, where: str, limits: Limits) -> Iterator[InputFile | Refused]:
    try:
        info = path.stat()
        # A pipe can be read once only, so its beginning is not looked at here.
        start = _start_of(path) if stat.S_ISREG(info.st_mode) else b""
    except OSError as error:
        yield Refused(path.name, where, f"can't be opened: {error.strerror}")
        return
    if start.startswith(ZIP_STARTS):
        yield from _members(path, where, limits)
    else:
        packed = start.startswith(GZIP_START)
        size = info.st_size if start and not packed else None
        yield InputFile(path.name, where, lambda: _open_path(path, limits), size)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


@contextmanager
def _open_path(path: Path, limits: Limits) -> Iterator[io.BufferedReader]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path.name}: can't be opened: {error.strerror}") from None
    with file, _open_stream(file, path.name, limits) as stream:
        yield stream


@contextmanager
def _open_stream(file: BinaryIO, name: str, limits: Limits) -> Iterator[io.BufferedReader]:
    start = file.read(4)
    tap = Tap(file, start)
    whole = io.BufferedReader(tap, 2**18)
    if start.startswith(ZIP_STARTS):
        raise UnreadableFile(f"{name}: a zip can't be read from a pipe; save it and give its path")
    if start.startswith(GZIP_START):
        with gzip.GzipFile(fileobj=whole) as unpacked:
            yield guarded(unpacked, name, limits, packed=lambda: tap.taken)
    else:
        yield guarded(whole, name)


def _members(path: Path, where: str, limits: Limits) -> Iterator[InputFile | Refused]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            yield Refused(path.name, where, "not readable as a zip archive")
            return
        members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
        if any(member.filename == "[Content_Types].xml" for member in members):
            yield Refused(path.name, where, "an office document; save the sheet as CSV and give that")
        elif len(members) > _MAX_MEMBERS:
            yield Refused(path.name, where, f"an archive of more than {_MAX_MEMBERS:,} files")
        else:
            budget = _Budget(path.name, where, path.stat().st_size)
            for member in members:
                if not any(_skipped(part) for part in _inner_parts(member)):
                    yield _member(archive, member, limits, budget)


def _inner_parts(member: zipfile.ZipInfo) -> list[str]:
    return [part for part in _parts(member) if part not in ("..", ".")]


def _parts(member: zipfile.ZipInfo) -> list[str]:
    return member.filename.replace("\\", "/").split("/")


@dataclass(slots=True)
class _Budget:
    """A zip and how much of it has been unpacked: members may share bytes, so they share the bound."""

    name: str
    where: str
    packed: int
    unpacked: int = 0

    def spend(self, size: int) -> int:
        self.unpacked += size
        return self.unpacked


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits, budget: _Budget) -> InputFile | Refused:
    parts = _parts(member)
    name, where = f"{budget.name}:{parts[-1]}", f"{budget.where}:{'/'.join(parts)}"
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return Refused(name, where, "its path leaves the archive")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Refused(name, where, "a link inside an archive is not followed")
    if member.flag_bits & 1:
        return Refused(name, where, "encrypted; unpack it first")

    @contextmanager
    def opened() -> Iterator[io.BufferedReader]:
        try:
            stream = cast("zipfile.ZipExtFile", archive.open(member))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
            raise UnreadableFile(f"{name}: this member of the zip is damaged") from None
        with stream:
            yield guarded(stream, name, limits, packed=lambda: budget.packed, spend=budget.spend)

    return InputFile(name, where, opened, member.file_size)
