"""Forenames that may be one person's: short forms, full names, spellings."""

from __future__ import annotations

from functools import cache

from graphmatch.normalise.nicknames import tables
from graphmatch.normalise.romanise import ascii_form, romanise
from graphmatch.normalise.spellings import spellings

#: How many other forenames a forename is tried with.
MAX_OTHERS = 4


def nickname_groups(word: str) -> frozenset[str]:
    """Name the groups that a forename belongs to, each by its full name; an unknown word is a group of its own.

    ``bob`` is ``{robert}``; ``alex`` is one of several. A full name is in its own group and in those it varies.
    """
    members = tables()[1]
    forms = (romanise(word.casefold()), *spellings(word))
    known = frozenset(name for form in forms for name in members.get(form, ()))
    return known or frozenset({ascii_form(word) or word})


def same_forename(a: str, b: str) -> bool:
    """Tell whether two forenames may be one person's: equal, or of one group (``bob`` and ``robert``).

    Two full names of which one short form could stand for either (Alexander, Alexandra) are not.
    """
    return not nickname_groups(a).isdisjoint(nickname_groups(b))


@cache
def other_forenames(word: str) -> tuple[str, ...]:
    """List at most `MAX_OTHERS` names in ASCII that the bearer of a forename may go by, likeliest first.

    Short forms of a full name; of a short form the full names, then its fellows if it is short for one name only.
    """
    groups, members = tables()
    plain = romanise(word.casefold())
    own = groups.get(plain, ())
    full = members.get(plain, ())
    fellows = [*full, *(groups[full[0]] if len(full) == 1 else ())]
    found = dict.fromkeys(name for name in (*own, *fellows) if name.isascii() and name != plain)
    return tuple(found)[:MAX_OTHERS]
