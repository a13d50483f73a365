"""Any encoding that exports come in → UTF-8 bytes, as a stream."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 2**18

_STARTS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(start: bytes) -> str:
    """Tell a text's encoding from its first four bytes: ``utf-8``, ``utf-8-sig``, ``utf-16…``, ``utf-32``."""
    for mark, name in _STARTS:
        if start.startswith(mark):
            return name
    # UTF-16 without a mark shows in the NULs beside the first characters, which are ASCII in our formats.
    if len(start) >= 4 and start[1] == start[3] == 0 < start[0]:
        return "utf-16-le"
    if len(start) >= 4 and start[0] == start[2] == 0 < start[1]:
        return "utf-16-be"
    return "utf-8"


def as_utf8(stream: BinaryIO) -> io.BufferedReader:
    """Give ``stream`` as UTF-8 without a mark. What was never UTF-16 or -32 comes through as it is."""
    start = b""
    while len(start) < 4 and (more := stream.read(4 - len(start))):
        start += more
    return io.BufferedReader(_Recoded(start, stream), CHUNK)


class _Recoded(io.RawIOBase):
    """``start`` and the rest of ``stream``, recoded to UTF-8 where they are in something else."""

    def __init__(self, start: bytes, stream: BinaryIO) -> None:
        super().__init__()
        encoding = encoding_of(start)
        self._stream = stream
        self._waiting = start.removeprefix(codecs.BOM_UTF8)
        self._decoder = None
        if encoding.startswith(("utf-16", "utf-32")):
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            self._waiting = self._recode(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        block = self._waiting or self._next(len(view))
        taken, self._waiting = block[: len(view)], block[len(view) :]
        view[: len(taken)] = taken
        return len(taken)

    def _next(self, size: int) -> bytes:
        while block := self._stream.read(size):
            if recoded := self._recode(block):
                return recoded
        return self._recode(b"", final=True)

    def _recode(self, block: bytes, *, final: bool = False) -> bytes:
        return self._decoder.decode(block, final).encode() if self._decoder else block
