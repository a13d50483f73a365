"""An append-only file of JSON lines. Several processes may write to it, and a killed one can't spoil it.

A torn line is passed over.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

Entry = dict[str, Any]


class NdjsonLog:
    """The file at ``path``; it need not exist yet, and is its owner's alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_to = 0

    def news(self) -> Iterator[Entry]:
        """Give the whole entries that came, from whichever process, since this object last read or wrote any."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield from self._rest(file)

    def append(self, choose: Callable[[Iterator[Entry]], Iterable[Mapping[str, object]]]) -> None:
        """Append what ``choose`` makes of the `news`, and see it on the disk. Nobody else writes in between."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            chosen = choose(self._rest(file))
            text = "".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in chosen)
            if text:
                _write(handle, text.encode("utf-8", "replace"))
            self._read_to = os.fstat(handle).st_size

    def _rest(self, file: IO[bytes]) -> Iterator[Entry]:
        if self._read_to > os.fstat(file.fileno()).st_size:
            self._read_to = 0  # somebody began the file anew
        file.seek(self._read_to)
        for line in file:
            self._read_to += len(line)
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def read_lines(path: Path) -> Iterator[Entry]:
    """Give the entries of a log that are whole."""
    return NdjsonLog(path).news()


def _write(handle: int, data: bytes) -> None:
    """Write all of ``data`` at the end of the file, on a line of its own, or nothing."""
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        data = b"\n" + data
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise
