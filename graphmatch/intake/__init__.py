"""Files → records → tables: everything between a path on the command line and the rows that a store is given.

Every file is kept by its SHA-256 before it is read; a ledger says which were read whole; what can't be read goes to
quarantine with file, line and reason, and the run goes on.
"""

from __future__ import annotations

from graphmatch.intake.archive import Archive
from graphmatch.intake.files import expand
from graphmatch.intake.guarded import Limits
from graphmatch.intake.head import head, recognise
from graphmatch.intake.ingest import ingest
from graphmatch.intake.ledger import Ledger
from graphmatch.intake.ndjson_log import read_lines
from graphmatch.intake.outcome import FileOutcome, IngestResult, Progress, Tally
from graphmatch.intake.quarantine import Quarantine

__all__ = [
    "Archive",
    "FileOutcome",
    "IngestResult",
    "Ledger",
    "Limits",
    "Progress",
    "Quarantine",
    "Tally",
    "expand",
    "head",
    "ingest",
    "read_lines",
    "recognise",
]
