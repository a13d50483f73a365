"""Running text → its bare words with a space between, text by text and in whole columns."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import polars as pl

from graphmatch.normalise.columns import PART, apart, laid_out, taken_up

_WORD = re.compile(r"[^\W_]+")
_SPACE = ord(" ")
#: What each ASCII character is in bare words: lower case, or a space.
_BARE = np.array(
    [ord(char.lower()) if char.isalnum() or char == PART else _SPACE for char in map(chr, range(128))], dtype=np.uint8
)


def bare_words(text: str) -> str | None:
    """Give the words of a text, lower case, without signs, a space between; ``None`` if there are none."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) or None


def bare_words_of(texts: pl.Series) -> pl.Series:
    """Give `bare_words` of each text; null stays null."""
    made = apart(texts, texts.str.contains(r"^[\x01-\x7f]*$"), _of_ascii, bare_words)
    return made.set(made == "", None)


def _of_ascii(texts: pl.Series) -> pl.Series:
    laid = _BARE[laid_out(texts)]
    # Of spaces beside each other, and at the beginning of a text, none is kept but the first after a word.
    kept = laid != _SPACE
    kept[1:] |= laid[:-1] > _SPACE
    return taken_up(laid[kept], texts).str.strip_chars_end(" ")
