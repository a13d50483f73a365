"""Every raw file, kept once by the SHA-256 of its content, for its owner alone: enough to rebuild any store."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from graphmatch.errors import UsageError
from graphmatch.intake.guarded import CutOffFile, guarded

_CHUNK = 2**20
#: Level 1 packs JSON about six times at the speed of a disk; higher levels cost more than they save.
_LEVEL = 1
_INCOMING = ".incoming-"
_STALE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the archive: its content's digest and bytes, and where it broke off if it did.

    ``mid_line`` says that its last line has no end.
    """

    sha256: str
    size: int
    cut_off: str | None = None
    mid_line: bool = False


class Archive:
    """A folder of raw files, each at ``ab/abcd….gz``. Keeping a file twice keeps it once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clear_stale()

    def path(self, sha256: str) -> Path:
        """Say where the file with this digest lies, or would."""
        return self.directory / sha256[:2] / f"{sha256}.gz"

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        """Open a kept file, unpacked.

        Raises
        ------
        UsageError
            It was never kept.
        UnreadableFile
            On reading: the archive is damaged.
        """
        if not self.path(sha256).exists():
            raise UsageError(f"the archive holds no file {sha256}")
        with gzip.open(self.path(sha256), "rb") as file:
            yield guarded(file, f"archive/{sha256}")

    def keep(self, stream: io.BufferedIOBase, advance: Callable[[int], None] = lambda _: None) -> Kept:
        """Copy a stream into the archive. A killed process leaves either the whole file or none.

        A file that breaks off is kept as far as it goes; ``cut_off`` says why. ``advance`` is told the bytes read.
        An empty stream is hashed and not kept.

        Raises
        ------
        UnreadableFile
            The stream is hostile; nothing is kept.
        """
        handle, incoming = tempfile.mkstemp(prefix=_INCOMING, dir=self.directory)
        try:
            with os.fdopen(handle, "wb") as file:
                kept = _copy(stream, file, advance)
                file.flush()
                os.fsync(file.fileno())
            if kept.size:
                self._place(Path(incoming), kept.sha256)
        finally:
            with suppress(FileNotFoundError):
                Path(incoming).unlink()
        return kept

    def _place(self, incoming: Path, sha256: str) -> None:
        final = self.path(sha256)
        if final.exists():
            return
        final.parent.mkdir(exist_ok=True, mode=0o700)
        incoming.replace(final)
        sync_folder(final.parent)

    def _clear_stale(self) -> None:
        before = time.time() - _STALE_SECONDS
        for path in self.directory.glob(f"{_INCOMING}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()


def _copy(stream: io.BufferedIOBase, file: BinaryIO, advance: Callable[[int], None]) -> Kept:
    digest, size, cut_off, end = hashlib.sha256(), 0, None, b""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as packed:
        try:
            while block := stream.read1(_CHUNK):
                digest.update(block)
                packed.write(block)
                size += len(block)
                end = block[-4:]
                advance(len(block))
        except CutOffFile as error:
            cut_off = str(error)
    # In UTF-16 and UTF-32 a NUL or three follow the line's end.
    return Kept(digest.hexdigest(), size, cut_off, mid_line=not end.rstrip(b"\0").endswith((b"\n", b"\r")))


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` outlive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
