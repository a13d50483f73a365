"""Comparing names: handle with handle, display name with display name, handle with the other's display name.

Most pairs disagree, and letter counts, hashes and marks (`graphmatch.link.encoded`) prove it; only the others are
looked at letter by letter.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link import likeness
from graphmatch.link.encoded import Encoded, Flags, Numbers, Rows
from graphmatch.link.held import Held, held_words
from graphmatch.link.sides import Compared, Levels, Sides, highest, rarity_of

#: What an initial beside a word of the name adds.
INITIAL_BITS = 4.0
#: Fewest bits of a word that stands beside an initial.
WORD_BITS = 12.0


def handle(both: Sides) -> list[pl.Series]:
    """Compare the handles: level and rarity."""
    encoded = both.encoded
    found = Compared(both.observed("handle"))
    same, bare = both.same("handle"), both.same("skeleton")
    for level, flags, trait in ((4, bare & ~same, "skeleton"), (5, same, "handle")):
        some = np.flatnonzero(flags)
        one, two = both.at(some)
        bits = both.least("stem_bits", some) if level == 4 else encoded.numbers("handle_bits")[one]
        found.level[some] = level
        found.rarity[some] = rarity_of(encoded, bits, (trait, one), (trait, two))
    _handles_alike(both, found, np.flatnonzero(both.observed("handle") & ~same & ~bare))
    return found.series("handle")


def _handles_alike(both: Sides, found: Compared, some: Rows) -> None:
    alike = likeness.handles(both, some)
    same_kind, ratio, winkler, inside = both.same_kind(alike.some), alike.ratio, alike.winkler, alike.inside
    short, long = alike.sizes
    level = highest(
        alike.some.size,
        (ratio >= 0.6) | (winkler >= 0.8),
        same_kind & ((ratio >= 0.75) | inside | (winkler >= 0.88)),
        same_kind & (((ratio >= 0.87) & (short >= 5)) | (inside & (short >= 0.6 * long) & (short >= 6))),
    )
    bits = both.encoded.numbers("stem_bits")
    one, two = both.at(alike.some)
    found.level[alike.some] = level
    found.rarity[alike.some] = np.where(level > 0, ratio * (bits[one] + bits[two]) / 2, np.nan)


def display_name(both: Sides) -> list[pl.Series]:
    """Compare the display names, whatever the order of their words: level and rarity."""
    encoded, words = both.encoded, both.encoded.words()
    found = Compared(both.observed("name"))
    same = both.same("name")
    some = np.flatnonzero(same)
    one, two = both.at(some)
    found.level[some] = 4
    found.rarity[some] = rarity_of(encoded, both.least("name_bits", some), ("name", one), ("name", two))
    apart = np.flatnonzero(both.observed("name") & ~same)
    one, two = both.at(apart)
    pair, element = words.common(one, two)
    shared = np.bincount(pair, minlength=apart.size)
    bits = np.bincount(pair, weights=words.rest["bits"][element], minlength=apart.size)
    long = np.bincount(pair, weights=words.rest["letters"][element] >= 3, minlength=apart.size) > 0
    ratio = likeness.near(both, ("name", one), ("name", two), 0.85)
    alike, fewest = both.same_kind(apart), np.minimum(words.sizes[one], words.sizes[two])
    level = highest(apart.size, alike & long, ratio >= 0.85, alike & (shared >= 2) & (shared == fewest))
    found.level[apart] = level
    spelled = ratio * both.least("name_bits", apart)
    found.rarity[apart] = np.where(level == 2, spelled, np.where(level > 0, bits, np.nan))
    return found.series("display_name")


def handle_name(both: Sides) -> list[pl.Series]:
    """Take the better of left's handle against right's name and right's handle against left's name."""
    there, back = (_one_way(both, mine, theirs) for mine, theirs in (both.rows, both.rows[::-1]))
    bits = [np.nan_to_num(way.rarity, nan=-1.0) for way in (there, back)]
    mine = (there.level > back.level) | ((there.level == back.level) & (bits[0] >= bits[1]))
    there.rarity = np.where(mine, there.rarity, back.rarity)
    there.level = np.maximum(there.level, back.level)
    return there.series("handle_name")


def _one_way(both: Sides, mine: Rows, theirs: Rows) -> Compared:
    encoded = both.encoded
    observed = encoded.observed("stem")[mine] & encoded.observed("words")[theirs]
    found = Compared(observed)
    every = held_words(encoded, mine, theirs)
    near = likeness.near(both, ("stem", mine), ("joined", theirs), 0.85)
    spelled, shortened = (_is_form(encoded, forms, mine, theirs) for forms in ("full_forms", "short_forms"))
    some = np.flatnonzero(observed & ((every.words > 0) | (near > 0) | spelled | shortened))
    held, one, two, ratio = every.at(some), mine[some], theirs[some], near[some]
    alike = both.same_kind(some)
    level = _held_level(encoded, (one, two), held, ratio, (spelled[some], shortened[some], alike))
    found.level[some] = level
    found.rarity[some] = _held_rarity(encoded, (one, two), held, ratio, level)
    return found


def _is_form(encoded: Encoded, forms: str, mine: Rows, theirs: Rows) -> Flags:
    """Tell where the handle is one of the forms that the name offers."""
    offered = encoded.offered(forms)
    bits = offered.marks[theirs]
    asked = [encoded.form_bits(trait)[mine] for trait in ("stem", "handle")]
    maybe = np.flatnonzero(((bits & asked[0]) == asked[0]) | ((bits & asked[1]) == asked[1]))
    pair, element = offered.spread(theirs[maybe])
    form, one = offered.hashes[element], mine[maybe][pair]
    same = (form == encoded.hashes("stem")[one]) | (form == encoded.hashes("handle")[one])
    found = np.zeros(mine.size, dtype=np.bool_)
    found[maybe[pair[same]]] = True
    return found & encoded.observed("stem")[mine]


def _held_level(
    encoded: Encoded, rows: tuple[Rows, Rows], held: Held, ratio: NDArray[np.float32], told: tuple[Flags, Flags, Flags]
) -> Levels:
    """Tell how much of one's name the other's handle holds."""
    spelled, shortened, alike = told
    many, size = encoded.sizes("words")[rows[1]] >= 2, encoded.sizes("stem")[rows[0]]
    level = highest(
        size.size,
        alike & (held.letters >= 3),
        alike & (held.longest >= 4) & (held.letters >= 0.5 * size),
        ((ratio >= 0.85) & (size >= 6)) | (spelled & ~many),
        shortened & (size >= 4),
        alike & many & (held.words >= 2) & (held.letters >= 6) & (held.letters >= 0.55 * size),
        spelled & many,
    )
    # An initial beside the last word, which then stands in the handle; looked for where nothing higher holds.
    initial = np.flatnonzero(alike & many & (held.longest >= 4) & (level < 3))
    level[initial[_with_initial(encoded, rows[0][initial], rows[1][initial])]] = 3
    return level


def _with_initial(encoded: Encoded, mine: Rows, theirs: Rows) -> Flags:
    texts = pl.DataFrame(
        [encoded.text(name, rows) for name, rows in (("handle", mine), ("stem", mine), ("words", theirs))]
    )
    first, last, size = pl.col("words").list.first(), pl.col("words").list.last(), pl.col("stem").str.len_chars()
    forms = [first.str.slice(0, 1) + last, last + first.str.slice(0, 1)]
    stands = [
        pl.col("handle").str.contains(form, literal=True) & (form.str.len_chars() >= 0.5 * size) for form in forms
    ]
    either = (stands[0] | stands[1]) & (last.str.len_chars() >= 4)
    return np.asarray(texts.select(either.fill_null(value=False)).to_series().to_numpy())


def _held_rarity(
    encoded: Encoded, rows: tuple[Rows, Rows], held: Held, ratio: NDArray[np.float32], level: Levels
) -> Numbers:
    one, two = rows
    stem, name = encoded.numbers("stem_bits")[one], encoded.numbers("name_bits")[two]
    rarity = np.where(level > 0, held.bits, np.nan)
    third = np.where(
        ratio >= 0.85, ratio * np.fmin(stem, name), np.maximum(np.nan_to_num(held.bits), WORD_BITS) + INITIAL_BITS
    )
    rarity = np.where(level == 3, third, rarity)
    high = np.flatnonzero(level >= 4)
    bits = np.where(level[high] == 5, held.bits[high], stem[high])
    rarity[high] = rarity_of(encoded, bits, ("stem", one[high]), ("name", two[high]))
    return rarity
