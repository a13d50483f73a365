"""Who a bundle goes to, and the names that may become folders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphmatch.errors import UsageError

#: TLP 2.0 labels that a bundle may carry. It names accounts, so it is never for a community or the public.
MARKINGS = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER")

_FOLDER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


@dataclass(frozen=True, slots=True)
class Recipient:
    """One platform's trust-and-safety team.

    ``platform`` (and ``instance``, where one team looks after one server) says which accounts are theirs.
    ``csv_bom`` puts a byte order mark before each CSV, for spreadsheets that need it to read UTF-8.

    Raises
    ------
    UsageError
        The name can't be a folder's name, or the marking is not one of `MARKINGS`.
    """

    name: str
    platform: str
    instance: str | None = None
    marking: str = "TLP:AMBER+STRICT"
    csv_bom: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be released to."""
        folder_name("recipient", self.name)
        if self.marking not in MARKINGS:
            raise UsageError(f"a release can't be marked {self.marking!r}; it names accounts: {', '.join(MARKINGS)}")


def folder_name(what: str, name: str) -> str:
    """Give ``name`` back if it is safe as a folder's name on every system; raise `UsageError` otherwise."""
    if not _FOLDER.fullmatch(name) or name.partition(".")[0].lower() in _DEVICES:
        raise UsageError(f"the {what} {name!r} can't name a folder: use up to 64 of A-Z a-z 0-9 . _ -")
    return name
