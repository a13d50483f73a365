"""Comparing pairs: an ordinal level per comparison (null = not observed on one side) and the rarity of what agrees.

In: traits and pairs of row numbers. Out: per pair ``<comparison>_level`` (Int8) and ``<comparison>_rarity`` (bits,
float; null where it means nothing). Symmetric: swapping left and right changes nothing. No loop over pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
import polars as pl

from graphmatch.link import behaviour, likeness, naming
from graphmatch.link.letter_runs import LetterRuns
from graphmatch.link.sides import Compared, Sides, highest, rarity_of, shared
from graphmatch.link.tally import FAST
from graphmatch.model import COMPARISONS

#: The label of each level, from 0. Level numbers are ordinal: more agreement, higher number.
LABELS: dict[str, tuple[str, ...]] = {
    "handle": (
        "handles differ",
        "handles somewhat alike",
        "handles alike",
        "handles nearly equal",
        "same handle but for affixes, digits or look-alike letters",
        "same folded handle",
    ),
    "display_name": (
        "display names differ",
        "display names share a word",
        "display names nearly equal",
        "one display name holds the other",
        "same words in the display name",
    ),
    "handle_name": (
        "handle unlike the other's display name",
        "handle holds a word of the other's display name",
        "handle is mostly a word of the other's display name",
        "handle close to the other's display name",
        "handle shortens the other's display name",
        "handle holds the words of the other's display name",
        "handle spells the other's display name",
    ),
    "letter_runs": (
        "few letter runs in common",
        "some rare letter runs in common",
        "many rare letter runs in common",
        "nearly all rare letter runs in common",
    ),
    "bio": ("bios differ", "bios share some words", "bios nearly equal", "same bio"),
    "link": ("profile links differ", "same profile link"),
    "location": ("locations differ", "locations overlap", "same location"),
    "avatar": ("avatars differ", "same avatar"),
    "contact": (
        "contact values differ",
        "same device (HMAC)",
        "same phone number (HMAC)",
        "same e-mail address (HMAC)",
    ),
    "network": ("no IP address shared", "one IP address shared (HMAC)", "several IP addresses shared (HMAC)"),
    "declared": (
        "neither names the other",
        "somebody claims that they are one",
        "one profile names the other",
        "each profile names the other",
    ),
    "targets": ("no target shared", "common target shared", "rare target shared", "several rare targets shared"),
    **behaviour.LABELS,
}
#: A target that more accounts than this share of the population aims at, and more than `RARE_TARGET`, is common.
RARE_TARGET = 5
#: Cosines of letter runs from which each level on from 1 begins.
RUN_COSINES = (0.15, 0.35, 0.6)


def columns() -> list[str]:
    """Name the columns that `compare` adds, in order."""
    return [f"{name}_{what}" for name in COMPARISONS for what in ("level", "rarity")]


def compare(
    traits: pl.DataFrame,
    pairs: pl.DataFrame,
    declared: pl.DataFrame | None = None,
    runs: LetterRuns | None = None,
) -> pl.DataFrame:
    """Compare each pair.

    Parameters
    ----------
    traits
        From `graphmatch.link.traits.traits`, with `graphmatch.link.activity.with_activity`.
    pairs
        Row numbers ``left, right``.
    declared
        ``left, right`` (ordered) and ``level`` of the pairs of which something is stated, and ``states``: see
        `graphmatch.link.declared.levels`.
    runs
        Letter runs of ``traits``; without them they count as not observed.

    Returns
    -------
    polars.DataFrame
        The pairs, in order, with `columns()`.
    """
    both = Sides(traits, pairs)
    compared = None if runs is None else runs.compare(*both.rows)
    return pl.concat([pairs, levels(both, declared, compared)], how="horizontal")


def levels(
    both: Sides, declared: pl.DataFrame | None, runs: pl.DataFrame | None, *, fast: bool | None = None
) -> pl.DataFrame:
    """Give the `columns()` of `compare` alone; ``runs`` as `LetterRuns.compare` gives them.

    ``fast``: whether numba scores texts; without a say, if it is installed. What comes out is the same.
    """
    # Of no accounts there is no longest text, which the compiled scores make room for.
    both.fast = both.size > 0 and (FAST if fast is None else fast)
    found = [made for name in _COMPARE for made in _COMPARE[name](both)]
    made = pl.DataFrame([*found, *_declared(both, declared), *_letter_runs(both, runs)])
    return made.select(columns())


def _letter_runs(both: Sides, runs: pl.DataFrame | None) -> list[pl.Series]:
    cosine = None if runs is None else runs["cosine"]
    found = Compared(np.zeros(both.size, dtype=np.bool_) if cosine is None else cosine.is_not_null().to_numpy())
    if cosine is not None:
        values = cosine.fill_null(-1.0).to_numpy()
        found.level += highest(both.size, *[values >= least for least in RUN_COSINES])
    return found.series("letter_runs")


def _declared(both: Sides, declared: pl.DataFrame | None) -> list[pl.Series]:
    names = both.encoded.flags("names_others")
    found = Compared(names[both.rows[0]] | names[both.rows[1]])
    if declared is not None and declared.height:
        stated = declared.select("left", "right", "level")
        joined = both.pairs.join(stated, on=["left", "right"], how="left", maintain_order="left")["level"]
        known = joined.is_not_null().to_numpy()
        found.level[known] = joined.drop_nulls().to_numpy()
    return found.series("declared")


def _bio(both: Sides) -> list[pl.Series]:
    encoded = both.encoded
    found, same = Compared(both.observed("bio")), both.same("bio")
    sizes = encoded.sizes("bio")
    shorter = np.minimum(*(sizes[rows] for rows in both.rows))
    some = np.flatnonzero(same)
    bits = np.minimum(1.5 * shorter, 40.0)
    found.level[some] = 3
    one, two = both.at(some)
    found.rarity[some] = rarity_of(encoded, bits[some], ("bio", one), ("bio", two))
    some = np.flatnonzero(both.observed("bio") & ~same & (shorter >= 12))
    likeness_of_words, whole = likeness.bios(both, *both.sides("bio", some))
    level = highest(
        some.size,
        likeness_of_words >= 0.6,
        ((whole >= 0.8) | (likeness_of_words >= 0.95)) & (shorter[some] >= 16),
    )
    found.level[some] = level
    found.rarity[some] = np.where(level > 0, likeness_of_words * bits[some], np.nan)
    return found.series("bio")


def _of_set(both: Sides, name: str, trait: str, spelling: float) -> list[pl.Series]:
    shares = shared(both, trait, spelling)
    found = Compared(shares.observed)
    found.level[shares.values > 0] = 1
    found.rarity = shares.rarity
    return found.series(name)


def _location(both: Sides) -> list[pl.Series]:
    encoded = both.encoded
    found, same = Compared(both.observed("location")), both.same("location")
    some = np.flatnonzero(both.observed("location") & ~same)
    found.level[some[encoded.parts("location").common(*both.at(some))[0]]] = 1
    some = np.flatnonzero(same)
    found.level[some] = 2
    one, two = both.at(some)
    bits = np.full(some.size, 7.0)
    found.rarity[some] = rarity_of(encoded, bits, ("location", one), ("location", two))
    return found.series("location")


def _contact(both: Sides) -> list[pl.Series]:
    each = [shared(both, trait, 20) for trait in ("devices", "phones", "emails")]
    found = Compared(reduce(np.logical_or, [shares.observed for shares in each]))
    found.level = np.maximum(found.level, highest(both.size, *[shares.values > 0 for shares in each]))
    found.level[~reduce(np.logical_or, [shares.observed for shares in each])] = -1
    found.rarity = reduce(np.fmax, [shares.rarity for shares in each])
    return found.series("contact")


def _network(both: Sides) -> list[pl.Series]:
    shares = shared(both, "networks", 12)
    found = Compared(shares.observed)
    found.level[shares.values > 0] = 1
    found.level[shares.values > 1] = 2
    found.rarity = shares.rarity
    return found.series("network")


def _targets(both: Sides) -> list[pl.Series]:
    shares = shared(both, "targets", 10)
    found = Compared(shares.observed)
    some = np.flatnonzero(shares.values)
    size = both.encoded.population()[both.rows[0][some]]
    rare = shares.fewest[some] <= np.maximum(RARE_TARGET, 0.05 * size)
    found.level[some] = np.where(rare, np.where(shares.values[some] > 1, 3, 2), 1)
    found.rarity = shares.rarity
    return found.series("targets")


_COMPARE: dict[str, Callable[[Sides], list[pl.Series]]] = {
    "handle": naming.handle,
    "display_name": naming.display_name,
    "handle_name": naming.handle_name,
    "bio": _bio,
    "link": lambda both: _of_set(both, "link", "links", 16),
    "location": _location,
    "avatar": lambda both: _of_set(both, "avatar", "avatars", 14),
    "contact": _contact,
    "network": _network,
    "targets": _targets,
    "timing": behaviour.timing,
    "hours": behaviour.hours,
}
