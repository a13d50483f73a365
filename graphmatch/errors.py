"""Every error that graphmatch raises on purpose, grouped by what its reader does next.

::

    GraphmatchError
    ├── UsageError            ask differently        exit 2
    │   └── UnreadableQuery   a query's wording; knows the line
    ├── DataError             mend the data          exit 3
    │   ├── UnknownFormat     no adapter knows the file
    │   ├── UnreadableFile    empty, truncated, hostile or too large
    │   ├── PassedOver        a file that is known, and holds no report and no account
    │   ├── RejectedRecord    one record; goes to quarantine, the run goes on
    │   ├── LeftOut           one record that holds nothing to keep; counted with its reason
    │   ├── RejectedTable     a table breaks its contract (names the column)
    │   └── ReleaseRefused    a bundle would say, or says, what it must not (names the rule)
    ├── ConfigError           mend the settings      exit 2
    │   └── NoWorkspace       run ``graphmatch init``
    ├── StoreError            look after the store   exit 4
    │   └── StoreBusy         wait: another process holds it
    ├── NothingToDo           run an earlier step    exit 5
    ├── JournalBroken         stop and investigate   exit 6
    └── OutOfMemory           lower a setting        exit 7

Messages name the file, the row and the next step. They never hold personal data: no handle, no text, no address.
"""

from __future__ import annotations


class GraphmatchError(Exception):
    """The root: catch this to catch all of them. ``exit_code`` is what the command line returns."""

    exit_code = 1


class UsageError(GraphmatchError):
    """The request itself can't be met; ask differently."""

    exit_code = 2


class UnreadableQuery(UsageError):
    """A query that the engine can't read. ``line`` counts from 1 in the text that was sent; ``None`` if unknown."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class ConfigError(GraphmatchError):
    """A setting is missing or wrong; the message names it and where it was read."""

    exit_code = 2


class NoWorkspace(ConfigError):
    """No ``graphmatch.toml`` here or above; run ``graphmatch init``."""


class DataError(GraphmatchError):
    """The data must be mended before it can be read."""

    exit_code = 3


class UnknownFormat(DataError):
    """No adapter knows the file; the message says why each said no."""


class UnreadableFile(DataError):
    """A file that can't be read to its end: empty, truncated, hostile or too large."""


class RejectedRecord(DataError):
    """One record that an adapter can't read. The run goes on; the record goes to quarantine with this reason."""


class PassedOver(DataError):
    """A file that an adapter knows, and that holds no report, account, target or enforcement; says what it is."""


class LeftOut(DataError):
    """A record that was read and holds nothing to keep: an adapter says why, and the reason is counted."""


class RejectedTable(DataError):
    """A table lacks a column, has it in another type, or holds a duplicate key."""


class ReleaseRefused(DataError):
    """A bundle breaks a rule of DESIGN §7, or is not as its manifest says; nothing was written."""


class StoreError(GraphmatchError):
    """The graph store is missing, broken, or of another version."""

    exit_code = 4


class StoreBusy(StoreError):
    """Another process holds the store's file; the message names it."""


class NothingToDo(GraphmatchError):
    """An earlier step has not been run, so there is nothing here to work on."""

    exit_code = 5


class JournalBroken(GraphmatchError):
    """The journal's hash chain does not hold: a record was changed, dropped or reordered."""

    exit_code = 6


class OutOfMemory(GraphmatchError):
    """It would take more memory than there is; the message names the setting to lower. Nothing was changed."""

    exit_code = 7
