"""Comparing names: handle with handle, display name with display name, handle with the other's display name."""

from __future__ import annotations

from functools import reduce

import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from graphmatch.link.sides import Sides, known, least, rarity_of, similarity, steps

#: What an initial beside a word of the name adds.
INITIAL_BITS = 4.0


#: A person and a firm that is called like one share a word, not an operator.
ALIKE = pl.col("organisation") == pl.col("organisation_r")


def handle(both: Sides) -> list[pl.Series]:
    """Compare the handles: level and rarity."""
    ratio = (both.similarity("skeleton", fuzz.ratio) / 100).alias("ratio")
    winkler = both.similarity("skeleton", JaroWinkler.similarity).alias("winkler")
    frame = pl.concat([both.frame, pl.DataFrame([ratio, winkler])], how="horizontal")
    short, long = pl.min_horizontal("size", "size_r"), pl.max_horizontal("size", "size_r")
    frame = frame.with_columns(size=pl.col("skeleton").str.len_chars(), size_r=pl.col("skeleton_r").str.len_chars())
    inside = (
        pl.col("skeleton").str.contains(pl.col("skeleton_r"), literal=True)
        | pl.col("skeleton_r").str.contains(pl.col("skeleton"), literal=True)
    ) & (short >= 5)
    level = steps(
        (pl.col("ratio") >= 0.6) | (pl.col("winkler") >= 0.8),
        ALIKE & ((pl.col("ratio") >= 0.75) | inside | (pl.col("winkler") >= 0.88)),
        ALIKE & (((pl.col("ratio") >= 0.87) & (short >= 5)) | (inside & (short >= 0.6 * long) & (short >= 6))),
        pl.col("skeleton") == pl.col("skeleton_r"),
        pl.col("handle") == pl.col("handle_r"),
        observed=known("handle"),
        name="handle",
    )
    frame = frame.with_columns(level)
    rarity = (
        pl.when(pl.col("handle_level") == 5)
        .then(rarity_of(pl.col("handle_bits"), "handle_count", "handle_count_r"))
        .when(pl.col("handle_level") == 4)
        .then(rarity_of(least("stem_bits"), "skeleton_count", "skeleton_count_r"))
        .when(pl.col("handle_level") > 0)
        .then(pl.col("ratio") * (pl.col("stem_bits") + pl.col("stem_bits_r")) / 2)
    )
    return frame.select("handle_level", rarity.alias("handle_rarity")).get_columns()


def display_name(both: Sides) -> list[pl.Series]:
    """Compare the display names, whatever the order of their words: level and rarity."""
    ratio = (both.similarity("name", fuzz.ratio) / 100).alias("ratio")
    frame = both.frame.with_columns(ratio).with_row_index("pair")
    frame = frame.with_columns(common=pl.col("words").list.set_intersection("words_r"))
    sizes = [pl.col(side).list.unique().list.len() for side in ("words", "words_r")]
    shared = pl.col("common").list.len()
    level = steps(
        ALIKE & pl.col("common").list.eval(pl.element().str.len_chars() >= 3).list.any(),
        pl.col("ratio") >= 0.85,
        ALIKE & (shared >= 2) & (shared == pl.min_horizontal(sizes)),
        pl.col("name") == pl.col("name_r"),
        observed=known("name"),
        name="display_name",
    )
    frame = frame.with_columns(level)
    bits = _bits_of_common(frame)
    frame = frame.join(bits, on="pair", how="left", maintain_order="left")
    rarity = (
        pl.when(pl.col("display_name_level") == 4)
        .then(rarity_of(least("name_bits"), "name_count", "name_count_r"))
        .when(pl.col("display_name_level") == 2)
        .then(pl.col("ratio") * least("name_bits"))
        .when(pl.col("display_name_level") > 0)
        .then(pl.col("common_bits"))
    )
    return frame.select("display_name_level", rarity.alias("display_name_rarity")).get_columns()


def _bits_of_common(frame: pl.DataFrame) -> pl.DataFrame:
    words = frame.filter(pl.col("common").list.len() > 0).select("pair", "words", "word_bits", "common")
    words = words.explode("words", "word_bits").filter(pl.col("common").list.contains(pl.col("words")))
    return (
        words.unique(["pair", "words"], maintain_order=True)
        .group_by("pair", maintain_order=True)
        .agg(pl.col("word_bits").sum().alias("common_bits"))
    )


def handle_name(both: Sides) -> list[pl.Series]:
    """Take the better of left's handle against right's name and right's handle against left's name."""
    there, back = _one_way(both.left, both.right), _one_way(both.right, both.left)
    frame = pl.concat([there, back.rename(lambda name: f"{name}_r")], how="horizontal")
    bits = [pl.col(name).fill_null(-1.0) for name in ("rarity", "rarity_r")]
    mine = (pl.col("level").fill_null(-1) > pl.col("level_r").fill_null(-1)) | (
        (pl.col("level") == pl.col("level_r")).fill_null(value=False) & (bits[0] >= bits[1])
    )
    return frame.select(
        pl.max_horizontal("level", "level_r").alias("handle_name_level"),
        pl.when(mine).then("rarity").otherwise("rarity_r").alias("handle_name_rarity"),
    ).get_columns()


def _one_way(mine: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    ratio = (similarity(mine["stem"], theirs["joined"], fuzz.ratio) / 100).alias("ratio")
    own = mine.select(
        "organisation", "handle", "stem", "stem_bits", "handle_bits", "platform", "platform_count", "stem_count"
    )
    other = theirs.select(
        "words",
        "word_bits",
        "full_forms",
        "short_forms",
        "name_bits",
        pl.col("name_count").alias("stem_count_r"),
        *[pl.col(name).alias(f"{name}_r") for name in ("organisation", "platform", "platform_count")],
    )
    frame = pl.concat([own, other, ratio.to_frame()], how="horizontal").with_row_index("pair")
    frame = frame.join(held_words(frame), on="pair", how="left", maintain_order="left")
    frame = frame.with_columns(_held_level())
    return frame.select("level", _held_rarity().alias("rarity"))


def _held_level() -> pl.Expr:
    """Tell how much of one's name the other's handle holds."""
    many = pl.col("words").list.len() >= 2
    spelled, shortened = (
        pl.col(forms).list.contains(pl.col("stem")) | pl.col(forms).list.contains(pl.col("handle"))
        for forms in ("full_forms", "short_forms")
    )
    size = pl.col("stem").str.len_chars()
    first, last = pl.col("words").list.first(), pl.col("words").list.last()
    with_initial = reduce(
        lambda one, two: one | two,
        [
            pl.col("handle").str.contains(form, literal=True) & (form.str.len_chars() >= 0.5 * size)
            for form in (first.str.slice(0, 1) + last, last + first.str.slice(0, 1))
        ],
    ) & (last.str.len_chars() >= 4)
    return steps(
        ALIKE & (pl.col("held_chars") >= 3),
        ALIKE & (pl.col("held_longest") >= 4) & (pl.col("held_chars") >= 0.5 * size),
        ((pl.col("ratio") >= 0.85) & (size >= 6)) | (spelled & ~many) | (ALIKE & many & with_initial),
        shortened & (size >= 4),
        ALIKE
        & many
        & (pl.col("held_words") >= 2)
        & (pl.col("held_chars") >= 6)
        & (pl.col("held_chars") >= 0.55 * size),
        spelled & many,
        observed=pl.col("stem").is_not_null() & pl.col("words").is_not_null(),
        name="one",
    ).alias("level")


def _held_rarity() -> pl.Expr:
    return (
        pl.when(pl.col("level") == 6)
        .then(rarity_of(pl.col("stem_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 5)
        .then(rarity_of(pl.col("held_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 4)
        .then(rarity_of(pl.col("stem_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 3)
        .then(
            pl.when(pl.col("ratio") >= 0.85)
            .then(pl.col("ratio") * pl.min_horizontal("stem_bits", "name_bits"))
            .otherwise(pl.max_horizontal("held_bits", 12.0) + INITIAL_BITS)
        )
        .when(pl.col("level") > 0)
        .then(pl.col("held_bits"))
    )


def held_words(frame: pl.DataFrame, shortest: int = 2) -> pl.DataFrame:
    """Say which words of the name the handle holds: how many, how long, and their bits; per ``pair`` that has any."""
    words = frame.select("pair", "handle", "words", "word_bits").drop_nulls(["handle", "words"])
    words = words.explode("words", "word_bits").filter(pl.col("words").str.len_chars() >= shortest)
    words = words.unique(["pair", "words"], maintain_order=True).filter(
        pl.col("handle").str.contains(pl.col("words"), literal=True)
    )
    # A word inside another word of the name counts once: the longest stands for it.
    return words.group_by("pair", maintain_order=True).agg(
        pl.col("words").len().alias("held_words"),
        pl.col("words").str.len_chars().sum().alias("held_chars"),
        pl.col("words").str.len_chars().max().alias("held_longest"),
        pl.col("word_bits").sum().alias("held_bits"),
    )
