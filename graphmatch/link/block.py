"""Blocking: which pairs are worth comparing.

In: traits (`graphmatch.link.traits`). Out: candidate pairs as row numbers, and one line per rule saying what it
proposed and what its cap dropped. A union of declared rules; within one population only; nothing is scored here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link import keys
from graphmatch.link.keys import Keys, Made, Source
from graphmatch.link.letter_runs import LetterRuns, nearest
from graphmatch.link.letters import Hashes, distinct
from graphmatch.link.meet import ROW_BITS, Met, Pairs, meet, meet_other, numbered, packed, unpacked
from graphmatch.memory import require


@dataclass(frozen=True, slots=True)
class Rule:
    """A blocking rule: the keys of the accounts, or of their two sides, and how common a key may be.

    ``of_words``: the keys depend on which words the population's names have.
    """

    name: str
    keys: Made
    cap: int
    other: Made | None = None
    of_words: bool = False

    def limit(self, cap: int | None) -> int:
        """Give the most accounts that a key may have, under ``cap`` if there is one."""
        return self.cap if cap is None else min(cap, self.cap)

    def sides(self, source: Source, populations: Hashes) -> tuple[Keys, ...]:
        """Give the keys of the accounts, or of either side; ``populations`` has a number for each row."""
        made = (self.keys,) if self.other is None else (self.keys, self.other)
        return tuple(keys.of_population(one(source), populations) for one in made)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Candidates (row numbers ``left, right``; ``rules``, a bit set over `RULE_NAMES`) and a report of the rules."""

    candidates: pl.DataFrame
    rules: pl.DataFrame


#: The declared rules, strongest first. A rule that only proposes pairs by something common has a small cap.
RULES: tuple[Rule, ...] = (
    Rule("shared_email", keys.each("emails"), 50),
    Rule("shared_phone", keys.each("phones"), 50),
    Rule("shared_device", keys.each("devices"), 50),
    Rule("shared_network", keys.each("networks"), 10),
    Rule("same_handle", keys.plain("handle"), 50),
    Rule("same_stem", keys.plain("skeleton"), 50),
    Rule("same_name", keys.plain("name"), 50),
    Rule("handle_spells_name", keys.either("handle", "stem"), 30, keys.each("full_forms", 4)),
    Rule("handle_shortens_name", keys.either("handle", "stem"), 15, keys.each("short_forms", 4)),
    Rule("handle_holds_two_words", keys.held_word_pairs, 30, keys.word_pairs, of_words=True),
    Rule("handle_holds_rare_word", keys.held_words(4), 12, keys.words(4), of_words=True),
    Rule("two_name_words", keys.word_pairs, 30),
    Rule("rare_name_word", keys.words(3), 8),
    Rule("handle_start", keys.beginning("skeleton", 5), 12),
    Rule("rare_handle_part", keys.windows("skeleton", 5), 8),
    Rule("shared_link", keys.each("links"), 12),
    Rule("same_avatar", keys.each("avatars"), 12),
    Rule("same_bio", keys.plain("bio"), 20),
    Rule("bio_phrase", keys.phrases("bio", 12), 8),
    Rule("rare_target", keys.each("targets"), 8),
)
RULE_NAMES: tuple[str, ...] = (*(rule.name for rule in RULES), "declared", "claimed", "nearest_spelling")
#: How many neighbours by letter runs each account gets in each other place, and how near they must be (cosine).
NEAREST, LEAST_COSINE = 3, 0.06
#: In a population of more accounts nobody gets neighbours by letter runs, unless asked: the work is too much.
NEAREST_ACCOUNTS = 200_000
#: What linking keeps of a pair while it weighs it, as measured, in bytes.
PAIR_BYTES = 160
#: Told what is being done, how much of it is done, and of how much.
Progress = Callable[[str, int, int], None]
#: Told what each rule found: its number, the keys of its side or sides, and the pairs as numbers, one for each key.
Keep = Callable[[int, tuple[Keys, ...], Hashes], None]
_REPORT = {
    "rule": pl.String,
    "cap": pl.Int64,
    "pairs": pl.Int64,
    "keys": pl.Int64,
    "keys_dropped": pl.Int64,
    "largest_key": pl.Int64,
}


class BlockOptions(TypedDict, total=False):
    """What may be asked of `block`; see there."""

    same_platform: bool
    cap: int | None
    memory: float | None
    progress: Progress | None
    keep: Keep | None


def block(  # noqa: PLR0913 - what may be asked of it, see `BlockOptions`
    traits: pl.DataFrame,
    declared: pl.DataFrame | None = None,
    *,
    runs: LetterRuns | None = None,
    same_platform: bool = True,
    cap: int | None = None,
    memory: float | None = None,
    progress: Progress | None = None,
    keep: Keep | None = None,
) -> Blocked:
    """Propose pairs.

    Parameters
    ----------
    traits
        From `graphmatch.link.traits.traits`.
    declared
        Directed pairs of row numbers ``left, right`` with ``claim`` (true for an allegation), from
        `graphmatch.link.declared`. Never capped.
    runs
        Letter runs of ``traits``: each account's nearest in every other place are proposed too. Not without them.
    same_platform
        Whether two accounts on one platform may be a pair (ban evasion).
    cap
        The most accounts that a key may have, over the rules' own caps if lower. Pairs of a more common key are
        dropped and counted.
    memory
        Bytes that the pairs may take before they are scored; default: what is free.
    progress
        Called with ``"blocking"``, the rules done, and how many there are.
    keep
        Called with what each rule found; rules without keys have no sides.

    Returns
    -------
    Blocked
        ``rules`` has one row each: ``rule, cap, pairs, keys, keys_dropped, largest_key``.

    Raises
    ------
    RejectedTable
        There are more accounts than row numbers.
    OutOfMemory
        The pairs would not fit.
    """
    if traits.height >> ROW_BITS:
        raise RejectedTable(f"at most {2**ROW_BITS:,} accounts can be linked on one machine; see --engine spark")
    source = Source(traits, np.arange(traits.height, dtype=np.uint32))
    populations, places = _numbered(traits, "population"), _numbered(traits, "population", "place")
    apart = None if same_platform else places
    parts, lines = [], []
    say = progress or (lambda *_: None)
    for number, rule in enumerate(RULES):
        limit = rule.limit(cap)
        sides = rule.sides(source, populations)
        met = propose(sides, limit)
        numbers = numbered(met.pairs, number, apart)
        pairs = distinct(numbers)
        if keep is not None:
            keep(number, sides, numbers)
        parts.append(pairs)
        _affordable(sum(part.size for part in parts), memory)
        say("blocking", number + 1, len(RULES))
        told = {"keys": met.keys, "keys_dropped": met.dropped.size, "largest_key": met.largest}
        lines.append({"rule": rule.name, "cap": limit, "pairs": pairs.size, **told})
    uncapped = {
        "declared": stated_pairs(declared, populations, claim=False),
        "claimed": stated_pairs(declared, populations, claim=True),
    }
    if runs is not None:
        near = nearest(runs, traits, NEAREST, LEAST_COSINE)
        uncapped["nearest_spelling"] = near["row"].to_numpy(), near["row_other"].to_numpy()
    for name, found in uncapped.items():
        pairs = packed(found, RULE_NAMES.index(name), apart)
        if keep is not None:
            keep(RULE_NAMES.index(name), (), pairs)
        parts.append(pairs)
        nothing_dropped = {"keys": pairs.size, "keys_dropped": 0, "largest_key": 0}
        lines.append({"rule": name, "cap": None, "pairs": pairs.size, **nothing_dropped})
    return Blocked(unpacked(parts), pl.DataFrame(lines, schema=_REPORT))


def _affordable(pairs: int, memory: float | None) -> None:
    remedy = "lower the setting cap (--cap), which drops the pairs of common keys, or link fewer accounts at a time"
    require(pairs * PAIR_BYTES, f"linking {pairs:,} proposed pairs", remedy, most=memory)


def propose(sides: tuple[Keys, ...], cap: int) -> Met:
    """Pair the rows that share a key, or those of two sides."""
    return meet(sides[0], cap) if len(sides) == 1 else meet_other(sides[0], sides[1], cap)


def _numbered(traits: pl.DataFrame, *columns: str) -> Hashes:
    """Give each value of the columns taken together its number, from 0 on."""
    numbers = traits.select(pl.struct(columns).rank("dense").cast(pl.UInt64) - 1).to_series()
    return numbers.to_numpy()


def stated_pairs(declared: pl.DataFrame | None, populations: Hashes, *, claim: bool) -> Pairs:
    """Give the rows of those who are said to be one: by one of them, or by somebody else (``claim``)."""
    if declared is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
    left, right = (declared.filter(pl.col("claim") == claim)[side].to_numpy() for side in ("left", "right"))
    inside = populations[left] == populations[right]
    return left[inside], right[inside]
