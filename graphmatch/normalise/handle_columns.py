"""Whole columns of handles → the forms that `graphmatch.normalise.handles` defines."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphmatch.normalise import handles
from graphmatch.normalise.affixes import PREFIXES, SUFFIXES
from graphmatch.normalise.columns import PART, Bytes, each, laid_out, merged, taken_up
from graphmatch.normalise.handles import MIN_STEM

_DIGITS, _LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyz"
#: Handles of this shape are plain: with an ``@`` before it, and a host with a dot after it.
_PLAIN = r"^@*[A-Za-z0-9._-]+(?:@[A-Za-z0-9.-]*\.[A-Za-z0-9.-]*)?$"
#: Elsewhere than on Bluesky folding may show a Bluesky name in it.
_BLUESKY_NAME = r"(?i)\.b[s5]ky\.[s5][o0]c[i1][a4]l"
_ISSUED = r"[A-Za-z0-9][-_]([0-9a-fA-F]{6,10})$"
_PREFIX = f"^(?:{'|'.join(PREFIXES)})(.{{{MIN_STEM},}})$"
_SUFFIX = f"^(.{{{MIN_STEM},}}?)(?:{'|'.join(SUFFIXES)})$"
_MORE = "|".join((".{5}for[a-z][a-z]", *(letter * 3 for letter in _LETTERS)))
#: What may have more to drop than trailing digits; and of that, what only `handles.undressed` knows how to.
_DRESSED = f"{_PREFIX}|{_SUFFIX}|{_MORE}"
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:91] += 32
_KEPT, _DIGIT, _LETTER = (
    np.isin(_LOWER, np.frombuffer(of.encode(), np.uint8)) for of in (PART + _DIGITS + _LETTERS, _DIGITS, _LETTERS)
)
#: The letter that a digit before a letter stands for; 0 for all else.
_MEANT = np.zeros(256, dtype=np.uint8)
for _digit, _letter in handles.LEET.items():
    _MEANT[ord(_digit)] = ord(_letter)


def folded_and_stems(spelled: pl.Series, platforms: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Fold and squash each handle, and give its stem.

    Parameters
    ----------
    spelled, platforms
        Handles as they are written, and where; null stays null.

    Returns
    -------
    tuple of polars.Series
        ``squash(fold(handle, platform))`` and ``stem(handle, platform)`` of `graphmatch.normalise.handles`; the handle
        itself where nothing would be left.
    """
    frame = pl.DataFrame([spelled.alias("handle"), platforms.alias("platform")])
    plain, own = frame.select(_plain(), _own()).get_columns()
    plain &= own.str.contains("[A-Za-z0-9]")
    plain = plain.fill_null(value=False)
    own = own.filter(plain)
    rest = frame.filter(~plain).select(pl.concat_str("platform", pl.lit("\n"), "handle")).to_series()
    folds, stems = each(rest, _folded, pl.String), each(rest, _stemmed, pl.String)
    squashed = _squashed(own)
    return merged(plain, taken_up(squashed, own), folds), merged(plain, _stems(own, squashed), stems)


def skeletons(stems: pl.Series) -> pl.Series:
    """Merge letters that look alike, as `handles.skeleton` does."""
    made = stems
    for pair, letter in handles.SKELETON:
        made = made.str.replace_all(pair, letter, literal=True)
    return made


def _own() -> pl.Expr:
    """Drop what names the host."""
    own = pl.col("handle").str.strip_chars_start("@").str.replace("@.*$", "")
    name = own.str.replace(r"^(?i:www)\.", "").str.replace(r"\..*$", "")
    return pl.when(pl.col("platform") == "bluesky").then(name).otherwise(own).alias("own")


def _plain() -> pl.Expr:
    bluesky = pl.col("platform") == "bluesky"
    return pl.col("handle").str.contains(_PLAIN) & (bluesky | ~pl.col("handle").str.contains(_BLUESKY_NAME))


def _squashed(own: pl.Series) -> Bytes:
    """Fold plain handles and drop their separators."""
    laid = _without_leet(_LOWER[laid_out(own)])
    return laid[_KEPT[laid]]


def _without_leet(laid: Bytes) -> Bytes:
    """Write one digit before a letter as the letter that it stands for."""
    if laid.size < 2:
        return laid
    meant = _MEANT[laid]
    stands = meant > 0
    stands[1:] &= ~_DIGIT[laid[:-1]]
    stands[:-1] &= _LETTER[laid[1:]]
    stands[-1] = False
    return np.where(stands, meant, laid)


def _stems(own: pl.Series, squashed: Bytes) -> pl.Series:
    texts = taken_up(_without_leet(squashed), own)
    ending = own.str.extract(_ISSUED)
    issued = ending.str.contains("[0-9]").fill_null(value=False)
    if issued.any():
        cut = own.filter(issued).str.head(-1 - ending.filter(issued).str.len_bytes().cast(pl.Int64))
        texts = merged(issued, taken_up(_without_leet(_squashed(cut)), cut), texts.filter(~issued))
    texts = _without_number(texts)
    dressed = texts.str.contains(_DRESSED)
    return merged(dressed, _undressed(texts.filter(dressed)), texts.filter(~dressed))


def _without_number(texts: pl.Series) -> pl.Series:
    bare = texts.str.strip_chars_end(_DIGITS)
    return bare.zip_with(bare.str.len_bytes() >= MIN_STEM - 1, texts)


def _undressed(texts: pl.Series) -> pl.Series:
    """Do as `handles.undressed`: affixes in columns, what is drawn out or for something one by one."""
    more = texts.str.contains(_MORE)
    before, cut = None, texts.filter(~more)
    while before is None or not cut.equals(before):
        before = cut
        for affix in (_PREFIX, _SUFFIX):
            cut = cut.str.extract(affix).fill_null(cut)
        cut = _without_number(cut)
    return merged(more, each(texts.filter(more), handles.undressed, pl.String), cut)


def _folded(spelled: str) -> str:
    platform, _, handle = spelled.partition("\n")
    return handles.squash(handles.fold(handle, platform)) or handle


def _stemmed(spelled: str) -> str:
    platform, _, handle = spelled.partition("\n")
    return handles.stem(handle, platform) or handle
