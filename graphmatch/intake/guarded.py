"""A stream that can't be used against its reader: bounded when it unpacks, and silent about what broke it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graphmatch.errors import UnreadableFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_START = b"\x1f\x8b"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to: never over ``max_bytes``, and above ``free_bytes`` not over ``max_ratio``."""

    max_bytes: int = 64 * 2**30
    free_bytes: int = 2**30
    max_ratio: int = 200


class _Unbuffered(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class CutOffFile(UnreadableFile):
    """A file that breaks off; what came before the break is good."""


def guarded(
    stream: _Unbuffered,
    name: str,
    limits: Limits | None = None,
    packed: Callable[[], int] | None = None,
    spend: Callable[[int], int] | None = None,
) -> io.BufferedReader:
    """Wrap ``stream`` so that reading it raises nothing but `UnreadableFile`.

    Parameters
    ----------
    stream, name
        What to read, and what to call it in errors.
    limits, packed
        For an unpacking stream: its bounds, and the packed bytes that were taken so far.
    spend
        Counts unpacked bytes for streams that share one bound: takes this read's, gives all.
    """
    if packed is None or limits is None:
        return io.BufferedReader(_Guarded(stream, name), 2**18)
    return io.BufferedReader(_Unpacking(stream, name, limits, packed, spend), 2**18)


class _Guarded(io.RawIOBase):
    def __init__(self, stream: _Unbuffered, name: str) -> None:
        super().__init__()
        self._stream = stream
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            # One read at a time: what comes before a break must not be lost with it.
            block = self._stream.read1(len(view))
        except (EOFError, zlib.error, zipfile.BadZipFile, OSError) as error:
            raise CutOffFile(f"{self._name}: {self._break(error)}") from None
        self._look(block)
        view[: len(block)] = block
        return len(block)

    def _break(self, error: Exception) -> str:
        return "the packed file is cut off" if isinstance(error, EOFError) else "the file is damaged"

    def _look(self, block: bytes) -> None:
        """Nothing to hold against a plain file."""


class _Unpacking(_Guarded):
    def __init__(
        self,
        stream: _Unbuffered,
        name: str,
        limits: Limits,
        packed: Callable[[], int],
        spend: Callable[[int], int] | None,
    ) -> None:
        super().__init__(stream, name)
        self._limits = limits
        self._packed = packed
        self._spend = spend or self._count
        self._unpacked = 0
        self._fresh = True

    def _count(self, size: int) -> int:
        self._unpacked += size
        return self._unpacked

    def _look(self, block: bytes) -> None:
        if self._fresh and block.startswith((GZIP_START, *ZIP_STARTS)):
            raise UnreadableFile(f"{self._name}: an archive inside an archive; unpack it first")
        self._fresh = False
        unpacked = self._spend(len(block))
        if unpacked > self._limits.max_bytes:
            raise UnreadableFile(f"{self._name}: unpacks to more than {self._limits.max_bytes:,} bytes")
        if unpacked > max(self._limits.free_bytes, self._limits.max_ratio * self._packed()):
            raise UnreadableFile(
                f"{self._name}: unpacks to more than {self._limits.max_ratio} times its size, as a zip bomb does"
            )
