"""The words of checkusers in wikitext → verdicts and the names that they are about. Pure."""

from __future__ import annotations

import re

#: Templates that say so, as they are written and as they are kept.
_VERDICTS = {
    "confirmed": "confirmed",
    "confirmed-nc": "confirmed",
    "confirmed without comment": "confirmed",
    "tallyho": "confirmed",
    "technically indistinguishable": "technically indistinguishable",
    "likely": "likely",
    "highly likely": "likely",
    "possilikely": "possilikely",
    "possible": "possible",
    "inconclusive": "inconclusive",
    "unlikely": "unlikely",
    "unrelated": "unrelated",
    "stale": "stale",
    "declined": "declined",
    "duck": "duck",
}
POSITIVE = frozenset({"confirmed", "technically indistinguishable", "likely", "duck"})
NEGATIVE = frozenset({"unlikely", "unrelated"})

#: Templates that name accounts; ``{{checkip}}`` names an address.
_NAMING = frozenset({"checkuser", "sock list", "user", "userlinks", "vandal", "noping", "u", "user5", "socklinks"})
_TEMPLATE = re.compile(r"\{\{([^{}|]{1,80})(?:\|([^{}]{0,20000}))?\}\}")
_NUMBERED = re.compile(r"\s*\d{1,4}\s*=")
_SIGNATURE = re.compile(r"\(UTC\)")
_SHORTEST_NAME = 3


def names_in(line: str) -> list[str]:
    """List the accounts that the templates of a line name, each once."""
    return list(dict.fromkeys(name for match in _TEMPLATE.finditer(line) for name in _named(match)))


def verdicts_in(line: str, suspects: list[str], still: str | None) -> tuple[list[tuple[str, list[str]]], str | None]:
    """Read the verdicts of a line.

    Parameters
    ----------
    line
        A line of the part for clerks and checkusers.
    suspects
        The names of the case: these are found in plain words too.
    still
        The verdict that the lines above have announced ("the following are {{confirmed}}:").

    Returns
    -------
    tuple of (list of (verdict, names)), and the verdict that the lines below are still about
    """
    templates = [match for match in _TEMPLATE.finditer(line) if _VERDICTS.get(_template(match))]
    if not templates and not still:
        return [], None
    places = _places(line, suspects)
    verdicts = [(at, word) for at, kind, word in places if kind == "verdict"]
    names = [(at, word) for at, kind, word in places if kind == "name"]
    if not verdicts:
        if still and names:
            return [(still, [name for _, name in names])], None if _SIGNATURE.search(line) else still
        return [], None
    # "X and Y are {{confirmed}}" looks back; "{{confirmed}}: X and Y" looks ahead.
    looks_back = bool(names) and names[0][0] < verdicts[0][0]
    found: dict[str, list[str]] = {}
    for at, name in names:
        later = [word for place, word in verdicts if place > at]
        earlier = [word for place, word in verdicts if place < at]
        chosen = (later[:1] or earlier[-1:]) if looks_back else earlier[-1:]
        found.setdefault(chosen[0], []).append(name)
    announced = None if names or _SIGNATURE.search(line) else verdicts[-1][1]
    return list(found.items()), announced


def _places(line: str, suspects: list[str]) -> list[tuple[int, str, str]]:
    """List verdicts and names with where they stand, in order."""
    found: list[tuple[int, str, str]] = []
    for match in _TEMPLATE.finditer(line):
        if verdict := _VERDICTS.get(_template(match)):
            found.append((match.start(), "verdict", verdict))
        found += [(match.start(), "name", name) for name in _named(match)]
    plain = _TEMPLATE.sub(lambda match: " " * len(match[0]), line).casefold() if found else line.casefold()
    for name in suspects:
        at = _said_at(plain, name.casefold())
        if at is not None:
            found.append((at, "name", name))
    return sorted(dict.fromkeys(found))


def _said_at(plain: str, name: str) -> int | None:
    """Find a name in running text as a whole word; very short ones are in every text."""
    at = plain.find(name) if len(name) >= _SHORTEST_NAME else -1
    while at >= 0:
        before, after = plain[at - 1 : at], plain[at + len(name) : at + len(name) + 1]
        if not before.isalnum() and not after.isalnum():
            return at
        at = plain.find(name, at + 1)
    return None


def _template(match: re.Match[str]) -> str:
    return " ".join(match[1].replace("_", " ").split()).casefold()


def _named(match: re.Match[str]) -> list[str]:
    if _template(match) not in _NAMING:
        return []
    parts = (match[2] or "").split("|")
    written = [_NUMBERED.sub("", part, count=1) for part in parts if "=" not in part or _NUMBERED.match(part)]
    first_only = _template(match) != "sock list"
    return [name for part in written[: 1 if first_only else None] if (name := " ".join(part.replace("_", " ").split()))]
