"""What people add to a handle: listed affixes, and those that one population makes known by itself.

An affix is in the lists if at least four of five pairs of accounts that newly agreed without it, in sixteen sets of
real accounts with known operators, were one operator's. Beside those measured stand role words of other languages and
what accounts add that come back (``backup``), which people who publish their handles do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

#: What stands before the name. Longer ones go first: ``senator`` before ``sen``.
PREFIXES = tuple(
    sorted(
        (
            "official", "realthe", "thereal", "real", "the", "iam", "itsme", "its", "itz", "im", "hey", "thisis",
            "team", "vote", "elect", "ask", "friendsof", "leader", "insta", "mr", "mrs", "dr", "avec",
            "rep", "usrep", "representative", "sen", "ussenator", "senator", "congressman", "congresswoman", "delegate",
            "mayor", "gov", "governor", "asm", "assemblyman", "assemblywoman", "assemblymember",
            "cllr", "clir", "councillor", "councilor", "councilman", "councilwoman",
            "depute", "deputee", "senateur", "senatrice", "diputado", "diputada", "senador", "senadora",
            "deputado", "deputada", "vereador", "vereadora", "concejal", "concejala",
        ),
        key=lambda affix: (-len(affix), affix),
    )
)  # fmt: skip
#: What stands after the name.
SUFFIXES = tuple(
    sorted(
        (
            "official", "offical", "oficial", "officiel", "officielle", "offiziell", "ofc", "off",
            "backup", "bakup", "returns", "isback", "again", "real", "alt", "bis", "reborn", "reloaded",
            "live", "tv", "ttv", "hq", "page", "author", "tweets", "twts", "writes", "codes", "code",
            "mp", "msp", "mep", "mla", "mdb", "mhr", "ppc", "gov", "senate", "campaign", "for",
            "depute", "deputee", "senateur", "senatrice", "diputado", "diputada", "senador", "senadora",
            "deputado", "deputada", "uk", "nz", "fr",
            "az", "ct", "fl", "md", "mn", "nc", "nh", "nj", "nm", "nv", "ny", "tx", "wv",
        ),
        key=lambda affix: (-len(affix), affix),
    )
)  # fmt: skip
#: No affix is dropped if less than this would be left.
MIN_STEM = 4
#: ``forcongress``, ``fornorthmoor``; not the ends of Crawford, Sandforth, Gilforest.
_FOR = re.compile(r"(?<=.{5})for(?!d|th|ce|e|b|m$|man|mos|t(?:$|in|un|y)|r?est|ster|sy|ssel|gan|gion|tier)[a-z]{2,14}$")


def without_affix(text: str) -> str:
    """Drop one listed affix at either end, or ``for`` and what it is for; `MIN_STEM` characters are left."""
    if "for" in text:
        text = _FOR.sub("", text)
    if text.startswith(PREFIXES):
        text = next((text[size:] for size in _sizes(text) if text[:size] in _LISTED[0]), text)
    if text.endswith(SUFFIXES):
        text = next((text[:-size] for size in _sizes(text) if text[-size:] in _LISTED[1]), text)
    return text


_LISTED = frozenset(PREFIXES), frozenset(SUFFIXES)
_LONGEST = max(map(len, (*PREFIXES, *SUFFIXES)))


def _sizes(text: str) -> range:
    """Give the lengths that an affix of ``text`` may have, longest first."""
    return range(min(_LONGEST, len(text) - MIN_STEM), 0, -1)


@dataclass(frozen=True, slots=True)
class CommonAffixes:
    """Affixes that a population's handles are told to have, from `common_affixes`."""

    prefixes: frozenset[str]
    suffixes: frozenset[str]


#: What is left of a handle without a learned affix is this long at least: ``rahulkumar`` and ``rahul`` teach nothing.
MIN_CORE = 6
#: Lengths of learned affixes.
AFFIX_LENGTHS = (2, 14)
#: Of the stems that end in an affix, this share at least has a twin without it.
_TWINS = 0.1


def common_affixes(stems: Iterable[str], words: Collection[str] = ()) -> CommonAffixes:
    """Learn which affixes a population uses: those with twins, stems that differ by that affix alone.

    A party, a town or a trade that no list foresees (``janeroe`` and ``janeroenorthmoor``). Needs no truth.

    Parameters
    ----------
    stems
        Stems (`graphmatch.normalise.handles.stem`) of one population, of all platforms.
    words
        Words of names in that population, which are never affixes.
    """
    known = set(stems)
    least = max(2, len(known) // 5000)
    twins: Counter[tuple[bool, str]] = Counter()
    seen: Counter[tuple[bool, str]] = Counter()
    shortest, longest = AFFIX_LENGTHS
    for stem in known:
        for size in range(shortest, min(longest, len(stem) - MIN_CORE) + 1):
            for front, affix, rest in ((True, stem[:size], stem[size:]), (False, stem[-size:], stem[:-size])):
                seen[front, affix] += 1
                twins[front, affix] += rest in known
    found = {
        key for key, count in twins.items() if count >= least and count >= _TWINS * seen[key] and key[1] not in words
    }
    return CommonAffixes(
        frozenset(affix for front, affix in found if front), frozenset(affix for front, affix in found if not front)
    )


def handle_core(stem: str, affixes: CommonAffixes) -> str:
    """Drop learned affixes, longest first, as long as `MIN_CORE` characters are left."""
    before = ""
    while before != stem:
        before = stem
        for size in range(min(AFFIX_LENGTHS[1], len(stem) - MIN_CORE), AFFIX_LENGTHS[0] - 1, -1):
            if stem[-size:] in affixes.suffixes:
                stem = stem[:-size]
                break
            if stem[:size] in affixes.prefixes:
                stem = stem[size:]
                break
    return stem
