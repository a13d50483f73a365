"""Whole columns of display names → the words and forms that `graphmatch.normalise.names` defines."""

from __future__ import annotations

import polars as pl

from graphmatch.normalise import names
from graphmatch.normalise.columns import PART, each, merged
from graphmatch.normalise.name_forms import forms

TEXTS = pl.List(pl.String)
#: Pictures that people put beside their names: they part words, and mean nothing else.
_PICTURES = "[\u2600-\u2775\u2794-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]"
#: Between pictures and in words: gone without a trace.
_NOTHING = "[\u200d\ufe0f\u20e3\u2019\u02bc'`]"
#: Words of these, and what stands in brackets, are left to `names.tokens`.
_TITLED = rf"[(\[]|(?:^|[^a-z0-9])(?:{'|'.join(sorted(names.TITLES))})(?:[^a-z0-9]|$)"
_ORGANISED = rf"(?:^| )(?:{'|'.join(sorted(names.ORGANISATIONS))})(?: |$)"
_ORGANISED_END = rf"(?s).{{3}}(?:{'|'.join(sorted(word for word in names.ORGANISATIONS if len(word) > 5))})$"


def named(display: pl.Series) -> pl.DataFrame:
    """Take display names apart.

    Returns
    -------
    polars.DataFrame
        A row per name, in order: ``words`` (`names.tokens`; null if there are none), ``name`` (`names.key` of them),
        ``joined`` (the words as one), ``full_forms`` and ``short_forms`` (null where there is no display name) and
        ``organisation`` (`names.is_organisation` of the words).
    """
    different = display.drop_nulls().unique().alias("display")
    ordered, written = _words(different)
    known = pl.concat([different.to_frame(), _forms(written), _keys(ordered)], how="horizontal")
    found = display.to_frame("display").join(known, on="display", how="left", maintain_order="left")
    return found.drop("display").with_columns(pl.col("organisation").fill_null(value=False))


def organisation_ends(stems: pl.Series) -> pl.Series:
    """Tell of which stems the end is a word of an organisation, as `names.is_organisation` does; false for null."""
    return stems.str.contains(_ORGANISED_END).fill_null(value=False)


def _words(display: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Give the words of names, bare and as they were written, with spaces between."""
    text = display.str.replace_all(_NOTHING, "").str.replace_all(_PICTURES, " ").str.to_lowercase()
    plain = text.str.contains(r"^[\x00-\x7f]*$") & ~text.str.contains(_TITLED)
    ordered = text.filter(plain).str.extract_all("[a-z0-9]+").list.join(" ")
    rest = [names.tokens_and_written(name) for name in display.filter(~plain).to_list()]
    bare, written = (pl.Series([" ".join(both[side]) for both in rest], dtype=pl.String) for side in (0, 1))
    return merged(plain, ordered, bare), merged(plain, ordered, written)


def _forms(written: pl.Series) -> pl.DataFrame:
    full, short = [], []
    for words in written.to_list():
        both = forms(words.split(" ") if words else ())
        # As one text each: a million lists would be slow to make and to hold.
        full.append(PART.join(both[0]))
        short.append(PART.join(both[1]))
    texts = pl.DataFrame({"full_forms": full, "short_forms": short}, schema_overrides=dict.fromkeys(_FORMS, pl.String))
    none = pl.lit([], dtype=TEXTS)
    return texts.select(
        pl.when(pl.col(kind) == "").then(none).otherwise(pl.col(kind).str.split(PART)).alias(kind) for kind in _FORMS
    )


_FORMS = ("full_forms", "short_forms")


def _keys(ordered: pl.Series) -> pl.DataFrame:
    """Give ``words, name, joined, organisation`` of names, each its words with spaces between."""
    text = pl.col("text")
    frame = ordered.to_frame("text").select(pl.when(text != "").then(text))
    frame = frame.with_columns(words=text.str.split(" "), spaces=text.str.count_matches(" ", literal=True))
    several = (frame["spaces"] > 1).fill_null(value=False)
    first, last = pl.col("words").list.first(), pl.col("words").list.last()
    one = pl.when((pl.col("spaces") == 0) | (first == last)).then(first)
    two = one.when(first < last).then(text).otherwise(pl.concat_str(last, pl.lit(" "), first))
    few = frame.filter(~several).select(two).to_series()
    many = each(frame["text"].filter(several), lambda words: names.key(words.split(" ")), pl.String)
    return frame.select(
        "words",
        merged(~several, few, many).alias("name"),
        text.str.replace_all(" ", "", literal=True).alias("joined"),
        text.str.contains(_ORGANISED).alias("organisation"),
    )
