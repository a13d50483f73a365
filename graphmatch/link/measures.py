"""Measures: the numbers that a learned model reads levels from, finer than the levels that a person is shown.

Each measure belongs to one comparison of the naming family. In: the two sides of pairs and their letter runs. Out: one
Float32 column per measure, null where not observed. Symmetric: swapping left and right changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Prefix

from graphmatch.link.encoded import Rows
from graphmatch.link.held import held_words
from graphmatch.link.sides import Sides, known, similarity


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured: the comparison that it belongs to, and what the number means."""

    comparison: str
    meaning: str


MEASURES: dict[str, Measure] = {
    "handle_edit": Measure("handle", "likeness of the bare handles, 0 to 1 (edits)"),
    "handle_winkler": Measure("handle", "likeness of the bare handles, 0 to 1 (Jaro-Winkler)"),
    "handle_partial": Measure("handle", "how well the shorter bare handle stands in the longer, 0 to 1"),
    "handle_start": Measure("handle", "letters that both bare handles begin with"),
    "handle_end": Measure("handle", "letters that both bare handles end with"),
    "handle_whole_edit": Measure("handle", "likeness of the folded handles with their digits and affixes, 0 to 1"),
    "handle_shorter": Measure("handle", "length of the shorter bare handle"),
    "handle_longer": Measure("handle", "length of the longer bare handle"),
    "handle_surprisal": Measure("handle", "surprisal of the commoner handle, bits"),
    "handle_digits": Measure("handle", "digits: -1 differ, 0 none, 0.5 on one side, 1 equal"),
    "name_words": Measure("display_name", "likeness of the display names whatever the order, 0 to 1"),
    "name_edit": Measure("display_name", "likeness of the sorted display names, 0 to 1 (edits)"),
    "name_shared_bits": Measure("display_name", "rarity of the name words in common, bits"),
    "name_surprisal": Measure("display_name", "surprisal of the commoner display name, bits"),
    "spelled_edit": Measure("handle_name", "likeness of one's handle and the other's display name, 0 to 1 (edits)"),
    "spelled_partial": Measure("handle_name", "how well the handle stands in the display name, or it in the handle"),
    "spelled_winkler": Measure("handle_name", "likeness of handle and display name, 0 to 1 (Jaro-Winkler)"),
    "spelled_form": Measure("handle_name", "likeness of the handle and the nearest handle made from the name, 0 to 1"),
    "spelled_of_handle": Measure("handle_name", "part of the handle that words of the display name fill"),
    "spelled_of_name": Measure("handle_name", "part of the display name that stands in the handle"),
    "spelled_longest": Measure("handle_name", "longest word of the display name in the handle, letters"),
    "spelled_surprisal": Measure("handle_name", "surprisal of the handle or of the display name, the lesser, bits"),
    "spelled_bits": Measure("handle_name", "rarity of the display name's words in the handle, bits"),
    "runs_cosine": Measure("letter_runs", "cosine of the letter runs, weighed by rarity"),
    "runs_rarest": Measure("letter_runs", "rarest letter run in common, bits"),
    "runs_bits": Measure("letter_runs", "rarity of all letter runs in common, bits"),
    "runs_share": Measure("letter_runs", "part of the poorer account's letter runs that is in common"),
}
#: The comparisons whose bits are learned from measures.
LEARNED = tuple(dict.fromkeys(measure.comparison for measure in MEASURES.values()))


def measures(both: Sides, runs: pl.DataFrame) -> pl.DataFrame:
    """Measure pairs: one Float32 column for each of `MEASURES`, in their order.

    ``runs`` are the pairs' letter runs as `graphmatch.link.letter_runs.LetterRuns.compare` gives them.
    """
    made = [*_handles(both), *_names(both), *_spelled(both)]
    frame = pl.DataFrame(made).with_columns(runs.rename(lambda name: f"runs_{name}"))
    return frame.select(pl.col(name).cast(pl.Float32) for name in MEASURES)


def _handles(both: Sides) -> list[pl.Series]:
    back = [side["skeleton"].str.reverse() for side in (both.left, both.right)]
    sizes = [pl.col(side).str.len_chars() for side in ("skeleton", "skeleton_r")]
    digits = [pl.col(side).str.replace_all(r"\D", "") for side in ("handle", "handle_r")]
    agree = (
        pl.when((digits[0] == "") & (digits[1] == "")).then(0.0)
        .when(digits[0] == digits[1]).then(1.0)
        .when((digits[0] == "") | (digits[1] == "")).then(0.5)
        .otherwise(-1.0)
    )  # fmt: skip
    observed = known("skeleton")
    plain = both.frame.select(
        pl.when(observed).then(pl.min_horizontal(sizes)).alias("handle_shorter"),
        pl.when(observed).then(pl.max_horizontal(sizes)).alias("handle_longer"),
        pl.when(observed).then(pl.min_horizontal("handle_bits", "handle_bits_r")).alias("handle_surprisal"),
        pl.when(observed).then(agree).alias("handle_digits"),
    )
    return [
        (both.similarity("skeleton", fuzz.ratio) / 100).alias("handle_edit"),
        both.similarity("skeleton", JaroWinkler.similarity).alias("handle_winkler"),
        (both.similarity("skeleton", fuzz.partial_ratio) / 100).alias("handle_partial"),
        both.similarity("skeleton", Prefix.similarity).alias("handle_start"),
        similarity(back[0], back[1], Prefix.similarity).alias("handle_end"),
        (both.similarity("handle", fuzz.ratio) / 100).alias("handle_whole_edit"),
        *plain.get_columns(),
    ]


def _names(both: Sides) -> list[pl.Series]:
    words = both.frame.select("words", "words_r", "word_bits").with_row_index("pair").filter(known("words"))
    shared = words.explode("words", "word_bits").filter(pl.col("words_r").list.contains(pl.col("words")))
    # Sorted: sums of floats then come out the same both ways.
    shared = shared.unique(["pair", "words"]).sort("pair", "words")
    bits = shared.group_by("pair", maintain_order=True).agg(pl.col("word_bits").sum().alias("bits"))
    surprisal = pl.min_horizontal("name_bits", "name_bits_r").alias("surprisal")
    every = both.frame.select(known("words").alias("observed"), surprisal).with_row_index("pair")
    every = every.join(bits, on="pair", how="left", maintain_order="left")
    return [
        (both.similarity("name", fuzz.token_set_ratio) / 100).alias("name_words"),
        (both.similarity("name", fuzz.ratio) / 100).alias("name_edit"),
        every.select(pl.when("observed").then(pl.col("bits").fill_null(0.0)).alias("bits"))
        .to_series()
        .alias("name_shared_bits"),
        every.select(pl.when("observed").then("surprisal")).to_series().alias("name_surprisal"),
    ]


def _spelled(both: Sides) -> list[pl.Series]:
    """Take the better of left's handle against right's name and right's handle against left's name."""
    there, back = (_one_way(both, mine, theirs) for mine, theirs in (both.rows, both.rows[::-1]))
    return [
        pl.DataFrame([there[name], back[name].alias("back")])
        .select(pl.max_horizontal(name, "back").alias(name))
        .to_series()
        for name in there.columns
    ]


def _one_way(both: Sides, one: Rows, two: Rows) -> pl.DataFrame:
    encoded = both.encoded
    stems, joined = encoded.text("stem", one), encoded.text("joined", two)
    held = held_words(encoded, one, two, shortest=3)
    words = encoded.words()
    forms = both.traits.select("joined", "full_forms", "short_forms")[two]
    frame = pl.DataFrame(
        {
            "observed": encoded.observed("handle")[one] & encoded.observed("words")[two],
            "edit": similarity(stems, joined, fuzz.ratio),
            "whole": similarity(encoded.text("handle", one), joined, fuzz.ratio),
            "spelled_partial": similarity(stems, joined, fuzz.partial_ratio) / 100,
            "spelled_winkler": similarity(stems, joined, JaroWinkler.similarity),
            "spelled_form": _nearest_form(stems, forms),
            "size": encoded.sizes("handle")[one],
            "letters": words.total("letters")[two],
            "held": held.letters,
            "longest": held.longest,
            "bits": np.nan_to_num(held.bits),
            "surprisal": np.fmin(encoded.numbers("handle_bits")[one], encoded.numbers("name_bits")[two]),
        }
    )
    seen = {
        "spelled_of_handle": (pl.col("held") / pl.col("size")).clip(0, 1),
        "spelled_of_name": (pl.col("held") / pl.col("letters")).clip(0, 1),
        "spelled_longest": pl.col("longest"),
        "spelled_surprisal": pl.col("surprisal"),
        "spelled_bits": pl.col("bits"),
    }
    return frame.select(
        (pl.max_horizontal("edit", "whole") / 100).alias("spelled_edit"),
        "spelled_partial",
        "spelled_winkler",
        "spelled_form",
        *[pl.when("observed").then(number).alias(name) for name, number in seen.items()],
    )


def _nearest_form(stems: pl.Series, theirs: pl.DataFrame) -> pl.Series:
    """Give the likeness of a handle and the nearest handle that the name's forms offer."""
    forms = theirs.select(pl.concat_list("full_forms", "short_forms").alias("form"))["form"]
    names = pl.DataFrame([stems.alias("stem"), theirs["joined"].alias("joined"), forms])
    distinct = names.drop_nulls().unique(["stem", "joined"]).with_row_index("place")
    long = distinct.select("place", "stem", "form").explode("form", keep_nulls=False, empty_as_null=False)
    near = similarity(long["stem"], long["form"], JaroWinkler.similarity)
    # Jaro-Winkler of two or three letters is near 1 by chance: a form that short must be met exactly.
    short = long["form"].str.len_chars() < 4
    near = pl.DataFrame(
        [near.alias("near"), short.alias("short"), (long["stem"] == long["form"]).alias("same")]
    ).select(pl.when("short").then(pl.when("same").then(0.97).otherwise(0.0)).otherwise("near").alias("near"))["near"]
    best = long.with_columns(near).group_by("place").agg(pl.col("near").max())
    known_forms = distinct.join(best, on="place", how="left").select("stem", "joined", "near")
    return names.join(known_forms, on=["stem", "joined"], how="left", maintain_order="left")["near"]
