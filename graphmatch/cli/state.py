"""What the options before the verb say, and what every verb opens from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from graphmatch.errors import StoreBusy, UsageError

if TYPE_CHECKING:
    from graphmatch.pipeline import IngestOptions, Line
    from graphmatch.settings import Settings
    from graphmatch.store import Store
    from graphmatch.workspace import Workspace

#: How long a verb waits for a store that another process holds, and how often it looks.
PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class State:
    """The options that stand before the verb."""

    folder: Path | None
    store: str | None
    quiet: bool

    def workspace(self) -> Workspace:
        """Find the workspace."""
        from graphmatch.workspace import find

        return find(self.folder)

    def settings(self, **flags: Any) -> Settings:
        """Read the settings, the verb's own flags first."""
        from graphmatch.settings import load

        return load(self.workspace().config, {"store": self.store, **flags})

    def store_url(self, settings: Settings | None = None) -> str:
        """Say where the store is."""
        return (settings or self.settings()).store or self.workspace().store_url

    @contextmanager
    def opened(
        self, settings: Settings | None = None, *, read_only: bool = False, patient: bool = True
    ) -> Iterator[Store]:
        """Open the store for the length of one verb; an embedded one is nobody else's meanwhile."""
        with self.opened_at(self.store_url(settings), read_only=read_only, patient=patient) as store:
            yield store

    @contextmanager
    def opened_at(
        self, url: str, *, read_only: bool = False, patient: bool = True, beside_others: bool = False
    ) -> Iterator[Store]:
        """Open the store at ``url``; if ``patient``, wait a while for another process that holds it."""
        from graphmatch.cli.store_login import is_server, login_for
        from graphmatch.store import open_store

        login = login_for(url, self.say) if is_server(url) else None
        digest = self.workspace().keyring().fingerprint() if is_server(url) else None

        def opening() -> Store:
            return open_store(url, read_only=read_only, login=login, key_digest=digest, beside_others=beside_others)

        with self._waited_for(opening) if patient else opening() as store:
            yield store

    def _waited_for(self, opening: Callable[[], Store]) -> Store:
        until, told = time.monotonic() + PATIENCE_SECONDS, False
        while True:
            try:
                return opening()
            except StoreBusy as busy:
                if time.monotonic() >= until:
                    raise
                if not told:
                    self.say(f"{str(busy).partition(';')[0]}: waiting for it, {PATIENCE_SECONDS:.0f} seconds at most")
                told = True
            time.sleep(_LOOK_SECONDS)

    @contextmanager
    def line(self, **flags: Any) -> Iterator[Line]:
        """Open the store for writing, with everything that the steps of the line need."""
        from graphmatch.pipeline import Line

        settings = self.settings(**flags)
        with self.opened(settings) as store:
            yield Line(self.workspace(), settings, store)

    def ingest_options(
        self, mapping: Path | None, observed_at: datetime | None, subjects: Sequence[str] = (), *, force: bool
    ) -> IngestOptions:
        """Gather what the user said of the files."""
        from graphmatch.normalise.times import plausible
        from graphmatch.pipeline import IngestOptions

        pulled = observed_at.replace(tzinfo=UTC) if observed_at else None
        if pulled and (plausible(pulled) is None or pulled > datetime.now(UTC)):
            raise UsageError("--observed-at is when the export was pulled: a time that has been, and not long ago")
        return IngestOptions(mapping, pulled, force, frozenset(name.lower().removeprefix("@") for name in subjects))

    def say(self, text: str) -> None:
        """Narrate on stderr, unless asked to be quiet."""
        if not self.quiet:
            typer.echo(text, err=True)


def state_of(ctx: typer.Context) -> State:
    """Give the options that stand before the verb."""
    state = ctx.obj
    assert isinstance(state, State)
    return state
