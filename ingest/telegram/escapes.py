r"""Telegram Desktop's JSON, which writes control characters as ``\x0B`` and so is none → JSON, as a stream.

Nothing is held but a block: half an escape at its end waits for the next.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 2**18
#: Escapes are taken whole, one after the other, so that the second of two backslashes never opens one.
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


def mended(stream: BinaryIO) -> io.BufferedReader:
    r"""Give ``stream`` with each ``\xNN`` written as ``\u00NN``; everything else comes through as it is."""
    return io.BufferedReader(_Mended(stream), _BLOCK)


class _Mended(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._held = self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        block = self._waiting or self._next()
        taken, self._waiting = block[: len(view)], block[len(view) :]
        view[: len(taken)] = taken
        return len(taken)

    def _next(self) -> bytes:
        while block := self._stream.read(_BLOCK):
            data = self._held + block
            end = _whole_until(data)
            self._held = data[end:]
            if end:
                return _mend(data[:end])
        rest, self._held = self._held, b""
        return rest


def _mend(data: bytes) -> bytes:
    return _ESCAPE.sub(_written, data) if b"\\x" in data else data


def _written(match: re.Match[bytes]) -> bytes:
    return b"\\u00" + match[1] if match[1] else match[0]


def _whole_until(data: bytes) -> int:
    """Say where an escape begins that may go on beyond ``data``; its length if none does."""
    for after in (b"", b"x"):
        for digits in range(2 if after else 1):
            end = len(data) - digits - len(after)
            if end <= 0 or data[end : end + len(after)] != after:
                continue
            backslashes = end - len(data[:end].rstrip(b"\\"))
            if backslashes % 2:
                return end - 1
    return len(data)
