"""What a platform calls its sanction → an `Action`, by table. In: text. Out: an `Action` or nothing.

The table is ``data/action_map.csv``. A raw value may be a pattern (``*`` stands for anything): patterns are
tried after the exact values, in the order of the table. That a ticket was closed is no sanction: ``triage``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from graphmatch.model import Action

# An action is a word or a sentence; nothing past this is read.
_READ_CHARACTERS = 500


def action(platform: str, raw: str) -> Action | None:
    """Map a platform's raw action; case and spacing do not matter. ``None`` if the table does not know it.

    Some values need more than themselves (``banuser`` is permanent or not by its ``details``, a takedown is
    of an account or of a post): the table gives the value for the plain case, and the adapter refines it.
    """
    exact, patterns = _action_map().get(platform, ({}, ()))
    folded = _fold(raw)
    if folded in exact:
        return exact[folded]
    return next((found for pattern, found in patterns if folded and pattern.fullmatch(folded)), None)


def _fold(raw: str) -> str:
    return " ".join(raw[:_READ_CHARACTERS].replace("\u2019", "'").split()).casefold()


_Patterns = tuple[tuple[re.Pattern[str], Action], ...]


@cache
def _action_map() -> dict[str, tuple[dict[str, Action], _Patterns]]:
    text = files("graphmatch.normalise").joinpath("data", "action_map.csv").read_text("utf-8")
    found: dict[str, tuple[dict[str, Action], _Patterns]] = {}
    for row in csv.DictReader(text.splitlines()):
        exact, patterns = found.get(row["platform"], ({}, ()))
        raw, mapped = _fold(row["raw"]), Action(row["action"])
        if "*" in raw:
            pattern = re.compile(".*".join(re.escape(part) for part in raw.split("*")))
            patterns = (*patterns, (pattern, mapped))
        else:
            exact.setdefault(raw, mapped)
        found[row["platform"]] = (exact, patterns)
    return found
