"""A platform's own reason for a report → a leaf of the taxonomy and its gate. In: text. Out: a `Category`.

A category is an allegation, never a finding. The tables lie in ``data/``: ``bands.csv``, ``taxonomy.csv`` (every leaf,
its gate and an indicative law; none is ``imminent``, for only a person sees that), ``category_map.csv`` (platform and
raw value → leaf), ``freetext_rules.csv`` (English patterns over a reporter's own words, in order of priority).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from graphmatch.model import Gate, Specificity

#: The leaf of a raw value that no table knows.
UNMAPPED = "unmapped"
#: The leaf whose reports are kept without any content: the fact and the routing are all that is stored.
CONTENT_FREE = "other.csea"

# Rules read the beginning of a text only, so that a hostile text costs no more than a long one.
_READ_CHARACTERS = 5_000
_DEFAULT = "*"


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the taxonomy, how much of it the raw value says, and how far past the line it would be."""

    leaf: str
    specificity: Specificity
    gate: Gate


def category(platform: str, raw: str | None) -> Category:
    """Map a platform's raw reason; case, spacing and curly quotes do not matter.

    ``None`` and blank are the platform's "no reason given". A value that the platform's table does not list
    takes the table's default row, else the leaf ``unmapped`` at gate ``debate``.
    """
    table = _category_map().get(platform, {})
    folded = _fold(raw or "")
    known = table.get(folded) or _longest_prefix(table, folded) or (table.get(_DEFAULT) if folded else None)
    return known or Category(UNMAPPED, Specificity.NONE, Gate.DEBATE)


def known_category(platform: str, raw: str) -> Category | None:
    """Map a value that the platform's table itself lists; ``None`` for any other."""
    return _category_map().get(platform, {}).get(_fold(raw)) if raw.strip() not in ("", _DEFAULT) else None


def category_of_text(text: str) -> Category | None:
    """Read the allegation in a reporter's own words; ``None`` if no rule fits.

    The first rule in order of priority wins. It stays an allegation: specificity ``none``, gate at most
    ``terms``.
    """
    beginning = text[:_READ_CHARACTERS].replace("\u2019", "'")
    for leaf, pattern in _rules():
        if pattern.search(beginning):
            gate = Gate.DEBATE if gate_of(leaf) is Gate.DEBATE else Gate.TERMS
            return Category(leaf, Specificity.NONE, gate)
    return None


def gate_of(leaf: str) -> Gate:
    """Give the gate of a leaf; of an unknown one ``debate``, for nothing is known to be past the line."""
    return _gates().get(leaf, Gate.DEBATE)


@cache
def leaves() -> tuple[str, ...]:
    """List every leaf, in the taxonomy's order."""
    return tuple(_gates())


@cache
def bands() -> dict[str, str]:
    """Give every band of the taxonomy and what it holds, in order."""
    return {row["band"]: row["definition"] for row in _rows("bands.csv")}


def band_of(leaf: str) -> str:
    """Give the band of a leaf: what stands before its dot."""
    return leaf.partition(".")[0]


def _fold(raw: str) -> str:
    return " ".join(raw.replace("\u2019", "'").split()).casefold()


def _longest_prefix(table: dict[str, Category], folded: str) -> Category | None:
    prefixes = [key for key in table if len(key) > 1 and key.endswith("*") and folded.startswith(key[:-1])]
    return table[max(prefixes, key=len)] if prefixes else None


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("graphmatch.normalise").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def _gates() -> dict[str, Gate]:
    return {row["leaf"]: Gate(row["gate"]) for row in _rows("taxonomy.csv")}


@cache
def _category_map() -> dict[str, dict[str, Category]]:
    found: dict[str, dict[str, Category]] = {}
    for row in _rows("category_map.csv"):
        leaf = row["leaf"]
        mapped = Category(leaf, Specificity(row["specificity"]), gate_of(leaf))
        found.setdefault(row["platform"], {}).setdefault(_fold(row["raw"]), mapped)
    return found


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    rows = sorted(_rows("freetext_rules.csv"), key=lambda row: int(row["priority"]))
    return tuple((row["leaf"], re.compile(row["regex"], re.IGNORECASE)) for row in rows)
