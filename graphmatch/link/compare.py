"""Comparing candidates: an ordinal level per comparison, null = not observed on one side, and the rarity of what agrees.

In: traits and pairs of row numbers. Out: per pair ``<comparison>_level`` (Int8) and ``<comparison>_rarity`` (bits,
float; null where it means nothing). Symmetric: swapping left and right changes nothing. No loop over pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from graphmatch.link.traits import SPELLING_WEIGHT
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
    "bio": ("bios differ", "bios share some words", "bios nearly equal", "same bio"),
    "link": ("profile links differ", "same profile link"),
    "location": ("locations differ", "locations overlap", "same location"),
    "avatar": ("avatars differ", "same avatar"),
    "contact": ("contact values differ", "same device (HMAC)", "same phone number (HMAC)", "same e-mail address (HMAC)"),
    "network": ("no IP address shared", "one IP address shared (HMAC)", "several IP addresses shared (HMAC)"),
    "declared": (
        "neither names the other",
        "somebody claims that they are one",
        "one profile names the other",
        "each profile names the other",
    ),
    "targets": ("no target shared", "common target shared", "rare target shared", "several rare targets shared"),
}
#: A target that more accounts than this share of the population aims at, and more than `RARE_TARGET`, is common.
RARE_TARGET = 5


def columns() -> list[str]:
    """Name the columns that `compare` adds, in order."""
    return [f"{name}_{what}" for name in COMPARISONS for what in ("level", "rarity")]


def compare(traits: pl.DataFrame, pairs: pl.DataFrame, declared: pl.DataFrame | None = None) -> pl.DataFrame:
    """Compare each pair.

    Parameters
    ----------
    traits
        From `graphmatch.link.traits.traits`.
    pairs
        Row numbers ``left, right``.
    declared
        ``left, right`` (ordered) and ``level`` of the pairs of which something is stated, and ``states``: see
        `graphmatch.link.declared.levels`.

    Returns
    -------
    polars.DataFrame
        The pairs, in order, with `columns()`.
    """
    both = _Sides(traits, pairs)
    found = [made for name in COMPARISONS if name != "declared" for made in _COMPARE[name](both)]
    made = pl.DataFrame([*found, *_declared(both, pairs, declared)])
    return pl.concat([pairs, made.select(columns())], how="horizontal")


def _declared(both: _Sides, pairs: pl.DataFrame, declared: pl.DataFrame | None) -> list[pl.Series]:
    level = pl.Series("level", [None] * pairs.height, dtype=pl.Int8)
    if declared is not None:
        joined = pairs.select("left", "right").join(declared, on=["left", "right"], how="left", maintain_order="left")
        level = joined["level"].cast(pl.Int8)
    frame = both.frame.with_columns(level.alias("level"), pl.Series("none", [None] * pairs.height, dtype=pl.Float64))
    names = pl.col("names_others") | pl.col("names_others_r")
    stated = pl.when(names).then(pl.col("level").fill_null(0)).otherwise(pl.col("level"))
    return frame.select(stated.alias("declared_level"), pl.col("none").alias("declared_rarity")).get_columns()


class _Sides:
    """The traits of both sides of the pairs, in one frame: ``<trait>`` of the left, ``<trait>_r`` of the right."""

    def __init__(self, traits: pl.DataFrame, pairs: pl.DataFrame) -> None:
        self.traits, self.left, self.right = traits, traits[pairs["left"]], traits[pairs["right"]]
        left, right = self.left, self.right
        self.frame = pl.concat([left, right.rename(lambda name: f"{name}_r")], how="horizontal")

    def select(self, *exprs: pl.Expr) -> list[pl.Series]:
        return self.frame.select(*exprs).get_columns()

    def similarity(self, trait: str, scorer: Callable[..., float], other: str | None = None) -> pl.Series:
        return similarity(self.left[trait], self.right[other or trait], scorer)


def similarity(left: pl.Series, right: pl.Series, scorer: Callable[..., float]) -> pl.Series:
    """Score each two strings, each distinct pair once; null where either is."""
    both = pl.DataFrame([left.alias("a"), right.alias("b")])
    distinct = both.drop_nulls().unique()
    scores = process.cpdist(
        distinct["a"].to_list(), distinct["b"].to_list(), scorer=scorer, dtype=np.float32, workers=-1
    )
    known = distinct.with_columns(pl.Series("score", scores, dtype=pl.Float32))
    return both.join(known, on=["a", "b"], how="left", maintain_order="left")["score"].fill_nan(None)


def _steps(*conditions: pl.Expr, observed: pl.Expr, name: str) -> pl.Expr:
    """The highest level whose condition holds; conditions stand for levels 1, 2, …"""
    level = pl.lit(0, dtype=pl.Int8)
    for number, condition in enumerate(conditions, start=1):
        level = pl.when(condition.fill_null(value=False)).then(pl.lit(number, dtype=pl.Int8)).otherwise(level)
    return pl.when(observed).then(level).alias(f"{name}_level")


def _known(*traits: str) -> pl.Expr:
    return reduce(
        lambda one, two: one & two, [pl.col(side).is_not_null() for trait in traits for side in (trait, f"{trait}_r")]
    )


def _rarity(spelling: pl.Expr, mine: str, theirs: str) -> pl.Expr:
    """Bits of a value: how few other accounts on the two platforms have it, over its spelling.

    The pair itself is left out, so that an operator's own accounts don't make the operator's handle common; what is
    left are the rivals.
    """
    same = pl.col("platform") == pl.col("platform_r")
    rivals = pl.col(mine).cast(pl.Float64) - 1 + pl.col(theirs).cast(pl.Float64) - 1
    rivals = pl.when(same).then(rivals / 2 - 1).otherwise(rivals).clip(lower_bound=0)
    everyone = pl.col("platform_count").cast(pl.Float64)
    everyone = pl.when(same).then(everyone).otherwise(everyone + pl.col("platform_count_r"))
    chance = (rivals.fill_null(0) + SPELLING_WEIGHT * pl.lit(2.0).pow(-spelling)) / (everyone + SPELLING_WEIGHT)
    return -chance.log(2)


def _less(trait: str) -> pl.Expr:
    return pl.min_horizontal(trait, f"{trait}_r")


#: A person and a firm that is called like one share a word, not an operator.
_ALIKE = pl.col("organisation") == pl.col("organisation_r")


def _handle(both: _Sides) -> list[pl.Series]:
    ratio = (both.similarity("skeleton", fuzz.ratio) / 100).alias("ratio")
    winkler = both.similarity("skeleton", JaroWinkler.similarity).alias("winkler")
    frame = pl.concat([both.frame, pl.DataFrame([ratio, winkler])], how="horizontal")
    short, long = pl.min_horizontal("size", "size_r"), pl.max_horizontal("size", "size_r")
    frame = frame.with_columns(size=pl.col("skeleton").str.len_chars(), size_r=pl.col("skeleton_r").str.len_chars())
    inside = (
        pl.col("skeleton").str.contains(pl.col("skeleton_r"), literal=True)
        | pl.col("skeleton_r").str.contains(pl.col("skeleton"), literal=True)
    ) & (short >= 5)
    level = _steps(
        (pl.col("ratio") >= 0.6) | (pl.col("winkler") >= 0.8),
        _ALIKE & ((pl.col("ratio") >= 0.75) | inside | (pl.col("winkler") >= 0.88)),
        _ALIKE & (((pl.col("ratio") >= 0.87) & (short >= 5)) | (inside & (short >= 0.6 * long) & (short >= 6))),
        pl.col("skeleton") == pl.col("skeleton_r"),
        pl.col("handle") == pl.col("handle_r"),
        observed=_known("handle"),
        name="handle",
    )
    frame = frame.with_columns(level)
    rarity = (
        pl.when(pl.col("handle_level") == 5)
        .then(_rarity(pl.col("handle_bits"), "handle_count", "handle_count_r"))
        .when(pl.col("handle_level") == 4)
        .then(_rarity(_less("stem_bits"), "skeleton_count", "skeleton_count_r"))
        .when(pl.col("handle_level") > 0)
        .then(pl.col("ratio") * (pl.col("stem_bits") + pl.col("stem_bits_r")) / 2)
    )
    return frame.select("handle_level", rarity.alias("handle_rarity")).get_columns()


def _display_name(both: _Sides) -> list[pl.Series]:
    ratio = (both.similarity("name", fuzz.ratio) / 100).alias("ratio")
    frame = both.frame.with_columns(ratio).with_row_index("pair")
    frame = frame.with_columns(common=pl.col("words").list.set_intersection("words_r"))
    sizes = [pl.col(side).list.unique().list.len() for side in ("words", "words_r")]
    shared = pl.col("common").list.len()
    level = _steps(
        _ALIKE & pl.col("common").list.eval(pl.element().str.len_chars() >= 3).list.any(),
        pl.col("ratio") >= 0.85,
        _ALIKE & (shared >= 2) & (shared == pl.min_horizontal(sizes)),
        pl.col("name") == pl.col("name_r"),
        observed=_known("name"),
        name="display_name",
    )
    frame = frame.with_columns(level)
    bits = _bits_of_common(frame)
    frame = frame.join(bits, on="pair", how="left", maintain_order="left")
    rarity = (
        pl.when(pl.col("display_name_level") == 4)
        .then(_rarity(_less("name_bits"), "name_count", "name_count_r"))
        .when(pl.col("display_name_level") == 2)
        .then(pl.col("ratio") * _less("name_bits"))
        .when(pl.col("display_name_level") > 0)
        .then(pl.col("common_bits"))
    )
    return frame.select("display_name_level", rarity.alias("display_name_rarity")).get_columns()


def _bits_of_common(frame: pl.DataFrame) -> pl.DataFrame:
    words = frame.filter(pl.col("common").list.len() > 0).select("pair", "words", "word_bits", "common")
    words = words.explode("words", "word_bits").filter(pl.col("common").list.contains(pl.col("words")))
    return words.unique(["pair", "words"]).group_by("pair").agg(pl.col("word_bits").sum().alias("common_bits"))


def _handle_name(both: _Sides) -> list[pl.Series]:
    """The better of left's handle against right's name and right's handle against left's name."""
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
    own = mine.select("organisation", "handle", "stem", "stem_bits", "handle_bits", "platform", "platform_count", "stem_count")
    other = theirs.select(
        pl.col("organisation").alias("organisation_r"), "words", "word_bits", "full_forms", "short_forms", "name_bits", pl.col("name_count").alias("stem_count_r"),
        pl.col("platform").alias("platform_r"), pl.col("platform_count").alias("platform_count_r"),
    )  # fmt: skip
    frame = pl.concat([own, other, ratio.to_frame()], how="horizontal").with_row_index("pair")
    frame = frame.join(_held(frame), on="pair", how="left", maintain_order="left")
    many = pl.col("words").list.len() >= 2
    spelled, shortened = (
        pl.col(forms).list.contains(pl.col("stem")) | pl.col(forms).list.contains(pl.col("handle"))
        for forms in ("full_forms", "short_forms")
    )
    size = pl.col("stem").str.len_chars()
    level = _steps(
        _ALIKE & (pl.col("held_chars") >= 3),
        _ALIKE & (pl.col("held_longest") >= 4) & (pl.col("held_chars") >= 0.5 * size),
        ((pl.col("ratio") >= 0.85) & (size >= 6)) | (spelled & ~many),
        shortened & (size >= 4),
        _ALIKE & many & (pl.col("held_words") >= 2) & (pl.col("held_chars") >= 6) & (pl.col("held_chars") >= 0.55 * size),
        spelled & many,
        observed=pl.col("stem").is_not_null() & pl.col("words").is_not_null(),
        name="one",
    ).alias("level")
    frame = frame.with_columns(level)
    rarity = (
        pl.when(pl.col("level") == 6)
        .then(_rarity(pl.col("stem_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 5)
        .then(_rarity(pl.col("held_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 4)
        .then(_rarity(pl.col("stem_bits"), "stem_count", "stem_count_r"))
        .when(pl.col("level") == 3)
        .then(pl.col("ratio") * pl.min_horizontal("stem_bits", "name_bits"))
        .when(pl.col("level") > 0)
        .then(pl.col("held_bits"))
    )
    return frame.select("level", rarity.alias("rarity"))


def _held(frame: pl.DataFrame) -> pl.DataFrame:
    """Which words of the name the handle holds: how many, how long, and their bits."""
    words = frame.select("pair", "handle", "words", "word_bits").drop_nulls(["handle", "words"])
    words = words.explode("words", "word_bits").filter(pl.col("words").str.len_chars() >= 2)
    words = words.unique(["pair", "words"]).filter(pl.col("handle").str.contains(pl.col("words"), literal=True))
    # A word inside another word of the name counts once: the longest stands for it.
    return words.group_by("pair").agg(
        pl.col("words").len().alias("held_words"),
        pl.col("words").str.len_chars().sum().alias("held_chars"),
        pl.col("words").str.len_chars().max().alias("held_longest"),
        pl.col("word_bits").sum().alias("held_bits"),
    )


def _bio(both: _Sides) -> list[pl.Series]:
    ratio = (both.similarity("bio", fuzz.token_set_ratio) / 100).alias("ratio")
    plain = (both.similarity("bio", fuzz.ratio) / 100).alias("plain")
    size = [pl.col(side).str.len_chars() for side in ("bio", "bio_r")]
    level = _steps(
        (pl.col("ratio") >= 0.6) & (pl.min_horizontal(size) >= 12),
        ((pl.col("plain") >= 0.8) | (pl.col("ratio") >= 0.95)) & (pl.min_horizontal(size) >= 16),
        pl.col("bio") == pl.col("bio_r"),
        observed=_known("bio"),
        name="bio",
    )
    frame = both.frame.with_columns(ratio, plain).with_columns(level)
    bits = 1.5 * pl.min_horizontal(size).cast(pl.Float64)
    rarity = (
        pl.when(pl.col("bio_level") == 3)
        .then(_rarity(bits.clip(upper_bound=40), "bio_count", "bio_count_r"))
        .when(pl.col("bio_level") > 0)
        .then(pl.col("ratio") * bits.clip(upper_bound=40))
    )
    return frame.select("bio_level", rarity.alias("bio_rarity")).get_columns()


def _shared(both: _Sides, trait: str, spelling: float) -> pl.DataFrame:
    """What the two sides' sets share: ``shared`` values, ``rarity`` of the rarest, ``fewest`` accounts that have it."""
    sets = both.frame.select("population", trait, pl.col(trait).list.set_intersection(f"{trait}_r").alias("value"))
    sets = sets.with_row_index("pair").filter(pl.col("value").list.len() > 0).select("pair", "population", "value")
    by = ["population", "value"]
    held = both.traits.select("population", "platform", pl.col(trait).alias("value")).drop_nulls("value").explode("value")
    counts = held.group_by(*by, "platform").len().group_by(by).agg(pl.col("len").max().alias("rivals"), pl.col("len").sum().alias("everyone"))
    sizes = both.traits.group_by("population").len("size")
    found = sets.explode("value").join(counts, on=by, how="left").join(sizes, on="population", how="left")
    chance = (pl.col("rivals") - 1 + SPELLING_WEIGHT * 2.0**-spelling) / (pl.col("size") + SPELLING_WEIGHT)
    found = found.with_columns((-chance.log(2)).alias("rarity"))
    per_pair = found.group_by("pair").agg(
        pl.len().alias("shared"), pl.col("rarity").max(), pl.col("everyone").min().alias("fewest"), pl.col("size").first()
    )
    return both.frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("pair"), trait, f"{trait}_r").join(
        per_pair, on="pair", how="left", maintain_order="left"
    )


def _link(both: _Sides) -> list[pl.Series]:
    frame = _shared(both, "links", 16)
    level = _steps(pl.col("shared") > 0, observed=_known("links"), name="link")
    return frame.with_columns(level).select("link_level", pl.col("rarity").alias("link_rarity")).get_columns()


def _location(both: _Sides) -> list[pl.Series]:
    words = [pl.col(side).str.split(" ") for side in ("location", "location_r")]
    overlap = words[0].list.set_intersection(words[1]).list.len() > 0
    frame = both.frame.with_columns(
        _steps(overlap, pl.col("location") == pl.col("location_r"), observed=_known("location"), name="location")
    )
    bits = pl.when(pl.col("location_level") == 2).then(_rarity(pl.lit(7.0), "location_count", "location_count_r"))
    return frame.select("location_level", bits.alias("location_rarity")).get_columns()


def _avatar(both: _Sides) -> list[pl.Series]:
    frame = _shared(both, "avatars", 14)
    frame = frame.with_columns(_steps(pl.col("shared") > 0, observed=_known("avatars"), name="avatar"))
    return frame.select("avatar_level", pl.col("rarity").alias("avatar_rarity")).get_columns()


def _contact(both: _Sides) -> list[pl.Series]:
    found = {trait: _shared(both, trait, 20) for trait in ("devices", "phones", "emails")}
    columns = [frame[what].alias(f"{trait}_{what}") for trait, frame in found.items() for what in ("shared", "rarity")]
    observed = reduce(lambda one, two: one | two, [_known(trait) for trait in found])
    frame = pl.concat([both.frame, pl.DataFrame(columns)], how="horizontal")
    frame = frame.with_columns(_steps(*[pl.col(f"{trait}_shared") > 0 for trait in found], observed=observed, name="contact"))
    rarity = pl.max_horizontal([f"{trait}_rarity" for trait in found]).alias("contact_rarity")
    return frame.select("contact_level", rarity).get_columns()


def _network(both: _Sides) -> list[pl.Series]:
    frame = _shared(both, "networks", 12)
    frame = frame.with_columns(_steps(pl.col("shared") > 0, pl.col("shared") > 1, observed=_known("networks"), name="network"))
    return frame.select("network_level", pl.col("rarity").alias("network_rarity")).get_columns()


def _targets(both: _Sides) -> list[pl.Series]:
    frame = _shared(both, "targets", 10)
    rare = pl.col("fewest") <= pl.max_horizontal(pl.lit(RARE_TARGET), 0.05 * pl.col("size"))
    level = _steps(pl.col("shared") > 0, rare, rare & (pl.col("shared") > 1), observed=_known("targets"), name="targets")
    return frame.with_columns(level).select("targets_level", pl.col("rarity").alias("targets_rarity")).get_columns()


_COMPARE: dict[str, Callable[[_Sides], list[pl.Series]]] = {
    "handle": _handle,
    "display_name": _display_name,
    "handle_name": _handle_name,
    "bio": _bio,
    "link": _link,
    "location": _location,
    "avatar": _avatar,
    "contact": _contact,
    "network": _network,
    "targets": _targets,
}
