"""Progress bars on stderr, for files being read and for steps; nothing where stderr is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphmatch.cli.output import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class FileBar:
    """Draws one file after the other: bytes where the size is known, and records."""

    def __init__(self, drawn: RichProgress) -> None:
        self._drawn = drawn
        self._task: TaskID | None = None
        self._records = 0

    def start(self, name: str, total_bytes: int | None) -> None:
        """Begin a file."""
        self._records = 0
        self._task = self._drawn.add_task(printable(name), total=total_bytes, records=0)

    def advance(self, n_bytes: int, n_records: int) -> None:
        """Go on by so many bytes and records."""
        if self._task is not None:
            self._records += n_records
            self._drawn.update(self._task, advance=n_bytes, records=self._records)

    def finish(self) -> None:
        """End the file; its line goes, so that a thousand files don't fill the screen."""
        if self._task is not None:
            self._drawn.remove_task(self._task)
            self._task = None


@contextmanager
def bar(*, quiet: bool) -> Iterator[FileBar | None]:
    """Give a bar to draw on, or ``None`` where nobody would see it."""
    if not _seen(quiet=quiet):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        yield FileBar(drawn)


@contextmanager
def steps(*, quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Give what a step is told by: what is being done, how much of it is done, and of how much."""
    if not _seen(quiet=quiet):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = drawn.add_task(what, total=of)
            drawn.update(tasks[what], completed=done, total=of)

        yield told


def _seen(*, quiet: bool) -> bool:
    return not quiet and sys.stderr is not None and sys.stderr.isatty()  # None: stderr is closed
