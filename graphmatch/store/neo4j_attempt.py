"""One write to a Neo4j server, as often as the driver tries it: what is not tried again, and a word while it waits.

In: work to be done in a transaction. Out: what it gives. Knows nothing of connections.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, Self, TypeVar

from neo4j.exceptions import DriverError, Neo4jError

from graphmatch.errors import StoreBusy
from graphmatch.store.neo4j_errors import explained, ran_out_of_time, too_large
from graphmatch.store.neo4j_frames import Transaction

#: How long a write waits without a word.
WORD_SECONDS = 10.0

# Unless the program keeps a log, its warnings go to stderr as they are.
_log = logging.getLogger(__name__)

T = TypeVar("T")


class HeldUp(StoreBusy):
    """The lock was not to be had in the time that a write may last, or too late in it."""


class Attempt(Generic[T]):
    """``work``, once the ``lock`` is taken, at the server ``place``. Use it in a ``with`` block."""

    def __init__(
        self, work: Callable[[Transaction], T], lock: Callable[[Transaction], None] | None, place: str
    ) -> None:
        self._work = work
        self._lock = lock
        self._place = place
        self._word: threading.Timer | None = None

    def __enter__(self) -> Self:
        """Use it in a ``with`` block."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Say no more."""
        self._go_on()

    def do(self, tx: Transaction) -> T:
        """Try once. The driver tries again what the server or the way there may have spoilt.

        Raises
        ------
        HeldUp
            The lock was not to be had, or only when most of the time for the write was over.
        StoreError
            The work is too large for the server: the driver would try again for a minute, and come to the same.
        """
        begun = time.monotonic()
        try:
            if self._lock:
                self._lock(tx)
        except Neo4jError as error:
            if ran_out_of_time(error):
                raise self._held_up() from None
            raise
        self._go_on()
        waited = time.monotonic() - begun
        try:
            return self._work(tx)
        except (DriverError, Neo4jError) as error:
            if too_large(error):
                raise explained(error, self._place) from None
            # The lock came so late that the work had little of the time: it is no slow server.
            if isinstance(error, Neo4jError) and ran_out_of_time(error) and 2 * waited > time.monotonic() - begun:
                raise self._held_up() from None
            self.await_lock()
            raise

    def await_lock(self) -> None:
        """Say a word when it takes long: by a timer, as nothing else happens here meanwhile."""
        self._go_on()
        word = "waiting for %s: it does not answer, or another program is writing there"
        self._word = threading.Timer(WORD_SECONDS, _log.warning, (word, self._place))
        self._word.daemon = True
        self._word.start()

    def _held_up(self) -> HeldUp:
        return HeldUp(
            f"other programs keep {self._place} busy; see there which they are (SHOW TRANSACTIONS), then run the same "
            "command again"
        )

    def _go_on(self) -> None:
        if self._word:
            self._word.cancel()
