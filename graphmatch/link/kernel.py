"""The scores of `graphmatch.link.likeness`, compiled: the same numbers, faster. Needs numba (extra ``fast``).

Texts are letters end to end, a byte each (`graphmatch.link.alphabet`), with where each begins and how many it has; -1
letters stand for a text that bytes cannot write, and pairs with one get no score (not a number). Bit-parallel longest
common subsequence: Hyyrö 2004, "Bit-parallel LCS-length computation revisited". Ratios, Jaro-Winkler and token sets are
those of rapidfuzz, rounded where it rounds.
"""

# numba finds out the types of what it compiles, and takes arrays apart from their sizes as arguments.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Letters of the alphabet.
LETTERS = 256
#: Longest text whose letters fit a word of bits.
WORD = 64
#: Fewer pairs are not worth a thread.
SHARE = 4096

compiled: Callable[[Any], Any] = importlib.import_module("numba").njit(nogil=True, cache=True, error_model="numpy")


def run(
    kernel: Callable[..., None], given: tuple[Any, ...], rows: tuple[NDArray[np.intp], ...], made: tuple[Any, ...]
) -> None:
    """Run ``kernel(*given, *rows, *made)`` on parts of the rows at once, on all processors."""
    size = rows[0].size
    threads = max(1, min(os.cpu_count() or 1, size // SHARE))
    bounds = np.linspace(0, size, threads + 1).astype(int).tolist()

    def part(first: int, last: int) -> None:
        kernel(*given, *(side[first:last] for side in rows), *(out[first:last] for out in made))

    if threads == 1:
        part(0, size)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, bounds[:-1], bounds[1:]))


@compiled
def _ones(word):
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def _fill(table, text, start, size):
    """Note the places of each letter of a text of at most `WORD` letters."""
    for place in range(size):
        table[text[start + place]] |= np.uint64(1) << np.uint64(place)


@compiled
def _empty(table, text, start, size):
    for place in range(size):
        table[text[start + place]] = np.uint64(0)


@compiled
def _lcs_word(table, a, a_start, a_size, b, b_start, b_size):
    """Give the length of the longest common subsequence, the first text in a word; ``table`` is empty and left so."""
    _fill(table, a, a_start, a_size)
    state = ~np.uint64(0)
    for place in range(b_start, b_start + b_size):
        both = state & table[b[place]]
        state = (state + both) | (state - both)
    _empty(table, a, a_start, a_size)
    if a_size < WORD:
        state |= ~np.uint64(0) << np.uint64(a_size)
    return _ones(~state)


@compiled
def _lcs_words(tables, state, a, a_start, a_size, b, b_start, b_size):
    """Give the same of a longer text: ``tables`` has one table a word, ``state`` as many words."""
    words = (a_size + WORD - 1) // WORD
    for word in range(words):
        _fill(tables[word], a, a_start + word * WORD, min(WORD, a_size - word * WORD))
        state[word] = ~np.uint64(0)
    for place in range(b_start, b_start + b_size):
        letter, carry = b[place], np.uint64(0)
        for word in range(words):
            old = state[word]
            both = old & tables[word, letter]
            added = old + both
            total = added + carry
            carry = np.uint64(1) if added < old or total < added else np.uint64(0)
            state[word] = total | (old - both)
    found = 0
    for word in range(words):
        left = min(WORD, a_size - word * WORD)
        _empty(tables[word], a, a_start + word * WORD, left)
        rest = ~np.uint64(0) << np.uint64(left) if left < WORD else np.uint64(0)
        found += _ones(~(state[word] | rest))
    return found


@compiled
def _lcs(first, tables, state, a, a_start, a_size, b, b_start, b_size):
    """Give the same of any two texts; ``first`` is the first of ``tables``."""
    if a_size <= b_size and a_size <= WORD:
        return _lcs_word(first, a, a_start, a_size, b, b_start, b_size)
    if b_size <= WORD:
        return _lcs_word(first, b, b_start, b_size, a, a_start, a_size)
    return _lcs_words(tables, state, a, a_start, a_size, b, b_start, b_size)


@compiled
def ratio(a, a_starts, a_sizes, b, b_starts, b_sizes, one, two, made):
    """Give the percentage of letters in common, in order."""
    words = max(a_sizes.max(), b_sizes.max()) // WORD + 1
    tables, state = np.zeros((words, LETTERS), dtype=np.uint64), np.zeros(words, dtype=np.uint64)
    first = tables[0]
    for pair in range(one.size):
        m, n = a_sizes[one[pair]], b_sizes[two[pair]]
        if m < 0 or n < 0:
            made[pair] = np.nan
            continue
        common = _lcs(first, tables, state, a, a_starts[one[pair]], m, b, b_starts[two[pair]], n)
        apart = (m + n - 2 * common) / (m + n) if m + n else 0.0
        made[pair] = np.float32((1.0 - apart) * 100)


@compiled
def _jaro(table, a, at, m, b, there, n):
    if m == 0 or n == 0:
        return 1.0 if m == n else 0.0
    bound = max(max(m, n) // 2 - 1, 0)
    _fill(table, a, at, m)
    mine, theirs = np.uint64(0), np.uint64(0)
    for place in range(min(n, m + bound)):
        low, high = max(place - bound, 0), min(place + bound, m - 1)
        inside = (~np.uint64(0) >> np.uint64(WORD - 1 - high)) & (~np.uint64(0) << np.uint64(low))
        free = table[b[there + place]] & inside & ~mine
        if free:
            mine |= free & (~free + np.uint64(1))
            theirs |= np.uint64(1) << np.uint64(place)
    _empty(table, a, at, m)
    common = _ones(mine)
    if not common:
        return 0.0
    crossed, place = 0, 0
    for spot in range(n):
        if (theirs >> np.uint64(spot)) & np.uint64(1):
            while not (mine >> np.uint64(place)) & np.uint64(1):
                place += 1
            crossed += a[at + place] != b[there + spot]
            place += 1
    return (common / m + common / n + (common - crossed // 2) / common) / 3.0


@compiled
def winkler(a, a_starts, a_sizes, b, b_starts, b_sizes, one, two, made):
    """Give the Jaro-Winkler likeness of texts of at most `WORD` letters."""
    table = np.zeros(LETTERS, dtype=np.uint64)
    for pair in range(one.size):
        at, m = a_starts[one[pair]], a_sizes[one[pair]]
        there, n = b_starts[two[pair]], b_sizes[two[pair]]
        if m < 0 or n < 0 or m > WORD or n > WORD:
            made[pair] = np.nan
            continue
        start = 0
        while start < min(m, n, 4) and a[at + start] == b[there + start]:
            start += 1
        found = _jaro(table, a, at, m, b, there, n)
        if found > 0.7:
            found += start * 0.1 * (1.0 - found)
        made[pair] = np.float32(found)


@compiled
def tally(codes, starts, sizes, rows, bits, held, rest, begins):
    """Count letters as `graphmatch.link.tally` does; ``bits`` has one for each letter, the last for all others."""
    last = bits.size - 1
    for text in range(starts.size):
        once, twice, thrice = np.uint64(0), np.uint64(0), np.uint64(0)
        over, begin = 0, np.uint64(0)
        for place in range(sizes[text]):
            code = codes[starts[text] + place]
            if place < 4:
                begin |= (np.uint64(code) & np.uint64(0xFFFF)) << np.uint64(16 * place)
            bit = bits[min(code, last)]
            over += (thrice & bit) != 0
            thrice |= twice & bit
            twice |= once & bit
            once |= bit
        row = rows[text]
        held[0, row], held[1, row], held[2, row] = once, twice, thrice
        rest[row], begins[row] = over, begin
