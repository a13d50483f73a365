"""The longest score of `graphmatch.link.kernel`: token sets of texts."""

# numba finds out the types of what it compiles, and takes arrays apart from their sizes as arguments.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917
# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import numpy as np

from graphmatch.link.kernel import LETTERS, WORD, _lcs, compiled


@compiled
def _word_end(text, at, end, space):
    while at < end and text[at] != space:
        at += 1
    return at


@compiled
def _order(a, at, size, b, there, other):
    """Compare two words: below 0, 0 or above, as the first stands before the second."""
    for place in range(min(size, other)):
        if a[at + place] != b[there + place]:
            return np.int64(a[at + place]) - np.int64(b[there + place])
    return size - other


@compiled
def sorted_words(text, starts, sizes, space, made, made_sizes):
    """Write each text's words in order and each once, with spaces between, to where the text begins."""
    longest = max(sizes.max(), 0)
    firsts, lasts = np.zeros(longest + 1, dtype=np.int64), np.zeros(longest + 1, dtype=np.int64)
    for row in range(starts.size):
        at, end, count = starts[row], starts[row] + sizes[row], 0
        made_sizes[row] = min(sizes[row], 0)
        while at < end:
            stop = _word_end(text, at, end, space)
            place = count
            while (
                place and _order(text, at, stop - at, text, firsts[place - 1], lasts[place - 1] - firsts[place - 1]) < 0
            ):
                place -= 1
            known = place and not _order(
                text, at, stop - at, text, firsts[place - 1], lasts[place - 1] - firsts[place - 1]
            )
            if stop > at and not known:
                for other in range(count, place, -1):
                    firsts[other], lasts[other] = firsts[other - 1], lasts[other - 1]
                firsts[place], lasts[place] = at, stop
                count += 1
            at = stop + 1
        out = starts[row]
        for word in range(count):
            if word:
                made[out] = space
                out += 1
            for letter in range(firsts[word], lasts[word]):
                made[out] = text[letter]
                out += 1
        if sizes[row] >= 0:
            made_sizes[row] = out - starts[row]


@compiled
def _append(room, size, text, at, stop, space):
    if size:
        room[size] = space
        size += 1
    for letter in range(at, stop):
        room[size] = text[letter]
        size += 1
    return size


@compiled
def _part(text, one, one_end, two, two_end, space, mine, theirs):
    """Part the words of two texts: the letters of the common ones with spaces, and of what else either has."""
    common, left, right = 0, 0, 0
    one_stop, two_stop = _word_end(text, one, one_end, space), _word_end(text, two, two_end, space)
    while one < one_end or two < two_end:
        if one >= one_end:
            order = 1
        elif two >= two_end:
            order = -1
        else:
            order = _order(text, one, one_stop - one, text, two, two_stop - two)
        if order == 0:
            common += one_stop - one + (1 if common else 0)
        if order < 0:
            left = _append(mine, left, text, one, one_stop, space)
        if order > 0:
            right = _append(theirs, right, text, two, two_stop, space)
        if order <= 0:
            one = one_stop + 1
            one_stop = _word_end(text, one, one_end, space)
        if order >= 0:
            two = two_stop + 1
            two_stop = _word_end(text, two, two_end, space)
    return common, left, right


@compiled
def _percent(apart, both):
    return 100.0 - 100.0 * apart / both if both else 100.0


@compiled
def token_sets(text, starts, sizes, space, one, two, made):
    """Give the token set ratio of texts that `sorted_words` wrote, in percent."""
    longest = max(sizes.max(), 0)
    words = longest // WORD + 1
    tables, state = np.zeros((words, LETTERS), dtype=np.uint64), np.zeros(words, dtype=np.uint64)
    first = tables[0]
    mine, theirs = np.zeros(longest + 1, dtype=np.uint8), np.zeros(longest + 1, dtype=np.uint8)
    for pair in range(one.size):
        at, there, m, n = starts[one[pair]], starts[two[pair]], sizes[one[pair]], sizes[two[pair]]
        if m < 0 or n < 0:
            made[pair] = np.nan
            continue
        if m == 0 or n == 0:
            made[pair] = 0.0
            continue
        common, left, right = _part(text, at, at + m, there, there + n, space, mine, theirs)
        if common and not (left and right):
            made[pair] = 100.0
            continue
        gap = 1 if common else 0
        whole = 2 * (common + gap) + left + right
        found = _percent(left + right - 2 * _lcs(first, tables, state, mine, 0, left, theirs, 0, right), whole)
        if common:
            found = max(
                found, _percent(gap + left, 2 * common + gap + left), _percent(gap + right, 2 * common + gap + right)
            )
        made[pair] = np.float32(found)
