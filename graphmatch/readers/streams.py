"""A stream whose beginning was looked at, or whose bytes are counted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Give up to ``size`` bytes; none at the end."""
        ...


class Tap(io.RawIOBase):
    """``start``, which was read already, and then the rest of ``stream``; ``taken`` counts the bytes given."""

    def __init__(self, stream: Readable, start: bytes = b"") -> None:
        super().__init__()
        self.taken = 0
        self._stream = stream
        self._start = start

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` as far as one read goes."""
        view = memoryview(buffer).cast("B")
        if self._start:
            block, self._start = self._start[: len(view)], self._start[len(view) :]
        else:
            block = self._stream.read(len(view))
        view[: len(block)] = block
        self.taken += len(block)
        return len(block)
