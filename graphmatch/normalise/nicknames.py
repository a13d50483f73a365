"""The table of forenames, ``data/nicknames.csv``: each with its short forms and spellings, in a dozen languages.

Commonest first. It is our own, written from general knowledge. `graphmatch.normalise.forenames` asks it.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from graphmatch.normalise.romanise import romanise

Groups = dict[str, tuple[str, ...]]


def written_as(word: str) -> tuple[str, ...]:
    """List the usual Latin spellings of a forename in Arabic or Hebrew letters; empty if the table has none."""
    plain = romanise(word.casefold())
    groups, members = tables()
    full = () if plain.isascii() else members.get(plain, ())
    return tuple(name for group in full for name in (group, *groups[group][:2]))


@cache
def tables() -> tuple[Groups, Groups]:
    """Read the table: full name → its forms, and every form → its full names."""
    text = files("graphmatch.normalise").joinpath("data", "nicknames.csv").read_text("utf-8")
    groups: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        groups.setdefault(row["name"], []).extend(row["forms"].split(" "))
    members: dict[str, dict[str, None]] = {}
    for name, forms in groups.items():
        for form in (name, *forms):
            members.setdefault(form, {})[name] = None
    return (
        {name: tuple(dict.fromkeys(forms)) for name, forms in groups.items()},
        {form: tuple(names) for form, names in members.items()},
    )
