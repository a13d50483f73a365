"""Comparing pairs: an ordinal level per comparison (null = not observed on one side) and the rarity of what agrees.

In: traits and pairs of row numbers. Out: per pair ``<comparison>_level`` (Int8) and ``<comparison>_rarity`` (bits,
float; null where it means nothing). Symmetric: swapping left and right changes nothing. No loop over pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import polars as pl
from rapidfuzz import fuzz

from graphmatch.link import behaviour, naming
from graphmatch.link.letter_runs import LetterRuns
from graphmatch.link.sides import Sides, known, rarity_of, shared, steps
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


def levels(both: Sides, declared: pl.DataFrame | None, runs: pl.DataFrame | None) -> pl.DataFrame:
    """Give the `columns()` of `compare` alone; ``runs`` as `LetterRuns.compare` gives them."""
    found = [made for name in _COMPARE for made in _COMPARE[name](both)]
    made = pl.DataFrame([*found, *_declared(both, declared), *_letter_runs(both, runs)])
    return made.select(columns())


def _letter_runs(both: Sides, runs: pl.DataFrame | None) -> list[pl.Series]:
    none = pl.Series("letter_runs_rarity", [None] * both.left.height, dtype=pl.Float64)
    if runs is None:
        return [none.cast(pl.Int8).alias("letter_runs_level"), none]
    least = [pl.col("cosine") >= cosine for cosine in RUN_COSINES]
    level = runs.select(steps(*least, observed=pl.col("cosine").is_not_null(), name="letter_runs")).to_series()
    return [level, none]


def _declared(both: Sides, declared: pl.DataFrame | None) -> list[pl.Series]:
    level = pl.Series("level", [None] * both.left.height, dtype=pl.Int8)
    if declared is not None:
        joined = both.pairs.join(declared, on=["left", "right"], how="left", maintain_order="left")
        level = joined["level"].cast(pl.Int8)
    frame = both.frame.with_columns(
        level.alias("level"), pl.Series("none", [None] * both.left.height, dtype=pl.Float64)
    )
    names = pl.col("names_others") | pl.col("names_others_r")
    stated = pl.when(names).then(pl.col("level").fill_null(0)).otherwise(pl.col("level"))
    return frame.select(stated.alias("declared_level"), pl.col("none").alias("declared_rarity")).get_columns()


def _bio(both: Sides) -> list[pl.Series]:
    ratio = (both.similarity("bio", fuzz.token_set_ratio) / 100).alias("ratio")
    plain = (both.similarity("bio", fuzz.ratio) / 100).alias("plain")
    size = [pl.col(side).str.len_chars() for side in ("bio", "bio_r")]
    level = steps(
        (pl.col("ratio") >= 0.6) & (pl.min_horizontal(size) >= 12),
        ((pl.col("plain") >= 0.8) | (pl.col("ratio") >= 0.95)) & (pl.min_horizontal(size) >= 16),
        pl.col("bio") == pl.col("bio_r"),
        observed=known("bio"),
        name="bio",
    )
    frame = both.frame.with_columns(ratio, plain).with_columns(level)
    bits = 1.5 * pl.min_horizontal(size).cast(pl.Float64)
    rarity = (
        pl.when(pl.col("bio_level") == 3)
        .then(rarity_of(bits.clip(upper_bound=40), "bio_count", "bio_count_r"))
        .when(pl.col("bio_level") > 0)
        .then(pl.col("ratio") * bits.clip(upper_bound=40))
    )
    return frame.select("bio_level", rarity.alias("bio_rarity")).get_columns()


def _link(both: Sides) -> list[pl.Series]:
    frame = shared(both, "links", 16)
    level = steps(pl.col("shared") > 0, observed=known("links"), name="link")
    return frame.with_columns(level).select("link_level", pl.col("rarity").alias("link_rarity")).get_columns()


def _location(both: Sides) -> list[pl.Series]:
    words = [pl.col(side).str.split(" ") for side in ("location", "location_r")]
    overlap = words[0].list.set_intersection(words[1]).list.len() > 0
    frame = both.frame.with_columns(
        steps(overlap, pl.col("location") == pl.col("location_r"), observed=known("location"), name="location")
    )
    bits = pl.when(pl.col("location_level") == 2).then(rarity_of(pl.lit(7.0), "location_count", "location_count_r"))
    return frame.select("location_level", bits.alias("location_rarity")).get_columns()


def _avatar(both: Sides) -> list[pl.Series]:
    frame = shared(both, "avatars", 14)
    frame = frame.with_columns(steps(pl.col("shared") > 0, observed=known("avatars"), name="avatar"))
    return frame.select("avatar_level", pl.col("rarity").alias("avatar_rarity")).get_columns()


def _contact(both: Sides) -> list[pl.Series]:
    found = {trait: shared(both, trait, 20) for trait in ("devices", "phones", "emails")}
    columns = [frame[what].alias(f"{trait}_{what}") for trait, frame in found.items() for what in ("shared", "rarity")]
    observed = reduce(lambda one, two: one | two, [known(trait) for trait in found])
    frame = pl.concat([both.frame, pl.DataFrame(columns)], how="horizontal")
    frame = frame.with_columns(
        steps(*[pl.col(f"{trait}_shared") > 0 for trait in found], observed=observed, name="contact")
    )
    rarity = pl.max_horizontal([f"{trait}_rarity" for trait in found]).alias("contact_rarity")
    return frame.select("contact_level", rarity).get_columns()


def _network(both: Sides) -> list[pl.Series]:
    frame = shared(both, "networks", 12)
    frame = frame.with_columns(
        steps(pl.col("shared") > 0, pl.col("shared") > 1, observed=known("networks"), name="network")
    )
    return frame.select("network_level", pl.col("rarity").alias("network_rarity")).get_columns()


def _targets(both: Sides) -> list[pl.Series]:
    frame = shared(both, "targets", 10)
    rare = pl.col("fewest") <= pl.max_horizontal(pl.lit(RARE_TARGET), 0.05 * pl.col("size"))
    level = steps(pl.col("shared") > 0, rare, rare & (pl.col("shared") > 1), observed=known("targets"), name="targets")
    return frame.with_columns(level).select("targets_level", pl.col("rarity").alias("targets_rarity")).get_columns()


_COMPARE: dict[str, Callable[[Sides], list[pl.Series]]] = {
    "handle": naming.handle,
    "display_name": naming.display_name,
    "handle_name": naming.handle_name,
    "bio": _bio,
    "link": _link,
    "location": _location,
    "avatar": _avatar,
    "contact": _contact,
    "network": _network,
    "targets": _targets,
    "timing": behaviour.timing,
    "hours": behaviour.hours,
}
