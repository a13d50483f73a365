"""Texts → signatures by which near-duplicates are found without the texts themselves. In: text. Out: text. Pure.

A signature is the MinHash of a text's character shingles: 64 numbers of 32 bits, so that the share of equal numbers
estimates the Jaccard index of two texts' shingles (its standard error is at most 1/16). Characters and not words: posts
are short, and of a post of ten words one changed word takes three of its eight word triples, but only about a fifth of
its runs of five characters. Case, punctuation, mentions, links, hashtags' signs and placeholders of redacted values are
left out first: a copy that is aimed at somebody else is a copy.

What a signature is may never change unnoticed: it is kept, and compared with later ones. Hence its first letter.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

#: Which way of making signatures this is; those of two ways do not compare.
VERSION = "a"
PERMUTATIONS = 64
SHINGLE = 5
#: A text with fewer characters than this is said by too many people to tell anything.
SHORTEST = 24
#: What lies beyond in a text is not read.
LONGEST_TEXT = 20_000

_SEED = 20191105
_AT_ONCE = 256
_BYTES = 4 * PERMUTATIONS
_LENGTH = len(VERSION) + len(base64.b64encode(bytes(_BYTES)))
_LEFT_OUT = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://\S++|(?<!\w)www\.\S++|(?<!\w)@[\w.-]++(?:@[\w.-]++)?|\[(?:email|phone|ip|postcode|address)\]"
)
_NO_WORD = re.compile(r"[\W_]+")
_MIXER = np.uint64(0x9E3779B97F4A7C15)


def signatures(texts: Sequence[str | None]) -> list[str | None]:
    """Give the MinHash signature of each text, ``None`` for one that is absent or too short to tell.

    Equal texts are read once. The signature is the same in every run, on every machine.
    """
    words = {text: folded(text) for text in set(texts) if text is not None}
    long_enough = sorted({each for each in words.values() if len(each) >= SHORTEST})
    made = dict(_signed(long_enough)) if long_enough else {}
    return [None if text is None else made.get(words[text]) for text in texts]


def similarity(left: str | None, right: str | None) -> float | None:
    """Estimate the Jaccard index of two texts from their signatures; ``None`` if either is absent or of another way."""
    shared = similarities([left], [right])[0]
    return None if np.isnan(shared) else float(shared)


def similarities(left: Sequence[str | None], right: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Estimate the Jaccard index of each pair of signatures; NaN where either is absent or of another way."""
    if len(left) != len(right):
        raise ValueError(f"{len(left)} signatures can't be compared with {len(right)}")
    shared = np.full(len(left), np.nan)
    both = [place for place, pair in enumerate(zip(left, right, strict=True)) if all(map(_is_signature, pair))]
    if both:
        numbers = [_numbers([side[place] or "" for place in both]) for side in (left, right)]
        shared[both] = (numbers[0] == numbers[1]).mean(axis=1)
    return shared


def signature_numbers(signatures: Sequence[str | None]) -> tuple[np.ndarray[Any, np.dtype[np.uint32]], list[bool]]:
    """Unpack signatures: a row of `PERMUTATIONS` numbers for each that is one, and which of them are."""
    is_one = list(map(_is_signature, signatures))
    return _numbers([each or "" for each, kept in zip(signatures, is_one, strict=True) if kept]), is_one


def folded(text: str) -> str:
    """Give what of a text is compared: its words in lower case, without mentions, links and placeholders."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    return _NO_WORD.sub(" ", _LEFT_OUT.sub(" ", plain)).strip()


def _signed(words: list[str]) -> Iterator[tuple[str, str]]:
    # Half a second of imports, which a run without texts does not need.
    from datasketch import MinHash  # noqa: PLC0415

    sketch = MinHash(num_perm=PERMUTATIONS, seed=_SEED, hashfunc=int, scheme="affine32")
    for each, shingles in zip(words, _shingles(words), strict=True):
        sketch.clear()
        sketch.update_batch(shingles)
        packed = np.asarray(sketch.hashvalues).astype("<u4").tobytes()
        yield each, VERSION + base64.b64encode(packed).decode("ascii")


def _shingles(texts: list[str]) -> Iterator[list[int]]:
    """Hash each text's runs of five characters to 32 bits; so many texts at once that it costs little."""
    for first in range(0, len(texts), _AT_ONCE):
        batch = texts[first : first + _AT_ONCE]
        letters = np.frombuffer("".join(batch).encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
        mixed = np.zeros(len(letters) - SHINGLE + 1, dtype=np.uint64)
        for place in range(SHINGLE):
            mixed = (mixed ^ letters[place : place + len(mixed)]) * _MIXER
            mixed ^= mixed >> np.uint64(29)
        hashed = (mixed >> np.uint64(32)).tolist()
        start = 0
        for text in batch:
            yield hashed[start : start + len(text) - SHINGLE + 1]
            start += len(text)


def _is_signature(text: str | None) -> bool:
    return text is not None and len(text) == _LENGTH and text.startswith(VERSION)


def _numbers(of: list[str]) -> np.ndarray[Any, np.dtype[np.uint32]]:
    packed = b"".join(base64.b64decode(text[len(VERSION) :]) for text in of)
    return np.frombuffer(packed, dtype="<u4").reshape(len(of), PERMUTATIONS)
