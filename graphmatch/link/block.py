"""Blocking: which pairs are worth comparing.

In: traits (`graphmatch.link.traits`). Out: candidate pairs as row numbers, and one line per rule saying what it
proposed and what its cap dropped. A union of declared rules; within one population only; nothing is scored here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from graphmatch.link.letter_runs import LetterRuns, nearest
from graphmatch.link.traits import WORD_LENGTHS, substrings, words_inside

ROW = pl.UInt32
Keys = pl.DataFrame  # row, key


@dataclass(frozen=True, slots=True)
class Rule:
    """A blocking rule: the keys of the accounts, or of their two sides, and how common a key may be."""

    name: str
    keys: Callable[[pl.DataFrame], Keys]
    cap: int
    other: Callable[[pl.DataFrame], Keys] | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Candidates (row numbers ``left, right``; ``rules``, a bit set over `RULE_NAMES`) and a report of the rules."""

    candidates: pl.DataFrame
    rules: pl.DataFrame


def _plain(trait: str) -> Callable[[pl.DataFrame], Keys]:
    return lambda traits: traits.select("row", pl.col(trait).alias("key")).drop_nulls()


def _each(trait: str, shortest: int = 1) -> Callable[[pl.DataFrame], Keys]:
    def keys(traits: pl.DataFrame) -> Keys:
        made = traits.select("row", pl.col(trait).alias("key")).explode("key", keep_nulls=False, empty_as_null=False)
        return made.filter(pl.col("key").str.len_chars() >= shortest).unique()

    return keys


def _windows(trait: str, length: int) -> Callable[[pl.DataFrame], Keys]:
    return lambda traits: substrings(traits, trait, length)


def _prefix(trait: str, length: int) -> Callable[[pl.DataFrame], Keys]:
    def keys(traits: pl.DataFrame) -> Keys:
        long = traits.filter(pl.col(trait).str.len_chars() > length)
        return long.select("row", pl.col(trait).str.slice(0, length).alias("key"))

    return keys


def _word_pairs(traits: pl.DataFrame) -> Keys:
    return _pairs_of(_each("words", WORD_LENGTHS[0])(traits))


def _pairs_of(words: Keys) -> Keys:
    """Key each two words of a row as one."""
    both = words.join(words, on="row", suffix="_other").filter(pl.col("key") < pl.col("key_other"))
    return both.select("row", pl.concat_str("key", pl.lit(" "), "key_other").alias("key"))


def _words_inside(traits: pl.DataFrame) -> Keys:
    """List the population's name words that stand inside each handle."""
    words = traits.select("population", pl.col("words").alias("word")).explode(
        "word", keep_nulls=False, empty_as_null=False
    )
    return words_inside(traits, "handle", words.unique())


def _long_words_inside(traits: pl.DataFrame) -> Keys:
    return _words_inside(traits).filter(pl.col("key").str.len_chars() >= 4)


def _two_words_inside(traits: pl.DataFrame) -> Keys:
    return _pairs_of(_words_inside(traits))


def _spelled(traits: pl.DataFrame) -> Keys:
    both = [traits.select("row", pl.col(trait).alias("key")).drop_nulls() for trait in ("handle", "stem")]
    return pl.concat(both).unique()


def _shingles(traits: pl.DataFrame) -> Keys:
    words = traits.select("row", pl.col("bio").str.split(" ").alias("words")).drop_nulls()
    words = words.explode("words").with_columns(
        pl.concat_str(
            "words",
            pl.lit(" "),
            pl.col("words").shift(-1).over("row"),
            pl.lit(" "),
            pl.col("words").shift(-2).over("row"),
        ).alias("key")
    )
    return words.select("row", "key").drop_nulls().filter(pl.col("key").str.len_chars() >= 12).unique()


#: The declared rules, strongest first. A rule that only proposes pairs by something common has a small cap.
RULES: tuple[Rule, ...] = (
    Rule("shared_email", _each("emails"), 50),
    Rule("shared_phone", _each("phones"), 50),
    Rule("shared_device", _each("devices"), 50),
    Rule("shared_network", _each("networks"), 10),
    Rule("same_handle", _plain("handle"), 50),
    Rule("same_stem", _plain("skeleton"), 50),
    Rule("same_name", _plain("name"), 50),
    Rule("handle_spells_name", _spelled, 30, _each("full_forms", 4)),
    Rule("handle_shortens_name", _spelled, 15, _each("short_forms", 4)),
    Rule("handle_holds_two_words", _two_words_inside, 30, _word_pairs),
    Rule("handle_holds_rare_word", _long_words_inside, 12, _each("words", 4)),
    Rule("two_name_words", _word_pairs, 30),
    Rule("rare_name_word", _each("words", 3), 8),
    Rule("handle_start", _prefix("skeleton", 5), 12),
    Rule("rare_handle_part", _windows("skeleton", 5), 8),
    Rule("shared_link", _each("links"), 12),
    Rule("same_avatar", _each("avatars"), 12),
    Rule("same_bio", _plain("bio"), 20),
    Rule("bio_phrase", _shingles, 8),
    Rule("rare_target", _each("targets"), 8),
)
RULE_NAMES: tuple[str, ...] = (*(rule.name for rule in RULES), "declared", "claimed", "nearest_spelling")
#: How many neighbours by letter runs each account gets in each other place, and how near they must be (cosine).
NEAREST, LEAST_COSINE = 3, 0.06


def block(
    traits: pl.DataFrame,
    declared: pl.DataFrame | None = None,
    *,
    runs: LetterRuns | None = None,
    same_platform: bool = True,
    cap: int | None = None,
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

    Returns
    -------
    Blocked
        ``rules`` has one row each: ``rule, cap, pairs, keys, keys_dropped, largest_key``.
    """
    rows = traits.with_row_index("row").with_columns(pl.col("row").cast(ROW))
    place = rows.select("row", "population", "place")
    parts, lines = [], []
    for bit, rule in enumerate(RULES):
        limit = rule.cap if cap is None else min(cap, rule.cap)
        pairs, line = _propose(rule, rows, place, limit, same_platform=same_platform)
        parts.append(pairs.with_columns(pl.lit(1 << bit, dtype=pl.UInt32).alias("rules")))
        lines.append({"rule": rule.name, "cap": limit, "pairs": pairs.height, **line})
    uncapped = [
        (name, _stated(declared, place, claim=claim, same_platform=same_platform))
        for name, claim in (("declared", False), ("claimed", True))
    ]
    if runs is not None:
        near = nearest(runs, traits, NEAREST, LEAST_COSINE)
        uncapped.append(("nearest_spelling", _ordered(near)))
    for name, pairs in uncapped:
        parts.append(pairs.with_columns(pl.lit(1 << RULE_NAMES.index(name), dtype=pl.UInt32).alias("rules")))
        nothing_dropped = {"keys": pairs.height, "keys_dropped": 0, "largest_key": 0}
        lines.append({"rule": name, "cap": None, "pairs": pairs.height, **nothing_dropped})
    candidates = pl.concat(parts).group_by("left", "right").agg(pl.col("rules").bitwise_or()).sort("left", "right")
    return Blocked(candidates, pl.DataFrame(lines, schema=_REPORT))


_REPORT = {
    "rule": pl.String,
    "cap": pl.Int64,
    "pairs": pl.Int64,
    "keys": pl.Int64,
    "keys_dropped": pl.Int64,
    "largest_key": pl.Int64,
}


def _propose(
    rule: Rule, rows: pl.DataFrame, place: pl.DataFrame, cap: int, *, same_platform: bool
) -> tuple[pl.DataFrame, dict[str, int]]:
    mine = rule.keys(rows).join(place, on="row")
    theirs = mine if rule.other is None else rule.other(rows).join(place, on="row")
    by = ["population", "key"]
    sizes = [side.group_by(by).len() for side in ((mine,) if rule.other is None else (mine, theirs))]
    shared = sizes[0].filter(pl.col("len") > 1) if len(sizes) == 1 else sizes[0].join(sizes[1], on=by, suffix="_other")
    common = reduce(or_, (pl.col(name) > cap for name in shared.columns if name.startswith("len")))
    kept = shared.filter(~common).select(by)
    mine = mine.join(kept, on=by, how="semi")
    theirs = mine if rule.other is None else theirs.join(kept, on=by, how="semi")
    pairs = _admissible(mine.join(theirs, on=by, suffix="_other"), same_platform=same_platform)
    largest = max((int(shared[name].max() or 0) for name in shared.columns if name.startswith("len")), default=0)  # type: ignore[arg-type]
    return pairs, {"keys": shared.height, "keys_dropped": shared.height - kept.height, "largest_key": largest}


def _admissible(joined: pl.DataFrame, *, same_platform: bool) -> pl.DataFrame:
    allowed = pl.col("row") != pl.col("row_other")
    if not same_platform:
        allowed &= pl.col("place") != pl.col("place_other")
    return _ordered(joined.filter(allowed))


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    left, right = pl.min_horizontal("row", "row_other"), pl.max_horizontal("row", "row_other")
    return pairs.select(left.alias("left"), right.alias("right")).unique()


def _stated(declared: pl.DataFrame | None, place: pl.DataFrame, *, claim: bool, same_platform: bool) -> pl.DataFrame:
    if declared is None:
        return pl.DataFrame(schema={"left": ROW, "right": ROW})
    joined = (
        declared.filter(pl.col("claim") == claim)
        .join(place, left_on="left", right_on="row")
        .join(place, left_on="right", right_on="row", suffix="_other")
        .filter(pl.col("population") == pl.col("population_other"))
        .rename({"left": "row", "right": "row_other"})
    )
    return _admissible(joined, same_platform=same_platform)
