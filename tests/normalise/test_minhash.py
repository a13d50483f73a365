"""Signatures find near-duplicates, stay the same for ever, and cost little."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.minhash import PERMUTATIONS, SHINGLE, SHORTEST, folded, signatures, similarities, similarity

POST = "No quarter for traitors, the moor remembers every one of them and what they did"
WORDS = [
    "moor", "fen", "ward", "vote", "lies", "shame", "resign", "council", "traitor", "vermin", "bins", "lane", "market",
    "school", "road", "again", "never", "always", "every", "nobody", "listen", "promise", "broken", "money", "tax",
    "bus", "stop", "close", "open", "street", "drain", "flood", "hall",
]  # fmt: skip
posts = st.lists(st.sampled_from(WORDS), min_size=8, max_size=40).map(" ".join)


def jaccard(left: str, right: str) -> float:
    one, other = (
        {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)} for text in map(folded, (left, right))
    )
    return len(one & other) / len(one | other)


def alike(left: str, right: str) -> float:
    found = similarity(*signatures([left, right]))
    assert found is not None
    return found


def test_a_signature_is_the_same_for_ever() -> None:
    texts = [
        POST,
        "Ysgol y Bont: pob plentyn yn haeddu gwell na hyn",
        "Zażółć gęślą jaźń, mówi moderator do wszystkich",
    ]
    digests = [hashlib.sha256((signature or "").encode()).hexdigest()[:16] for signature in signatures(texts)]
    assert digests == GOLDEN


def test_a_signature_is_short_and_does_not_depend_on_the_texts_beside_it() -> None:
    (alone,) = signatures([POST])
    among = signatures([f"{POST} {n}" for n in range(600)] + [POST])[-1]
    assert alone == among
    assert alone is not None
    assert len(alone) <= 4 * math.ceil(4 * PERMUTATIONS / 3) + 1
    assert alone.isascii()


@pytest.mark.parametrize(
    "text",
    [None, "", "vermin", "@nan @asha_k https://h.example/a-very-long/path", "[phone] [email] [address] ok", "!" * 99],
)
def test_what_is_absent_or_too_short_has_none(text: str | None) -> None:
    assert signatures([text]) == [None]
    assert similarity(None, signatures([POST])[0]) is None


@pytest.mark.parametrize(
    "copy",
    [
        POST.upper(),
        f"@asha_k {POST}!!!",
        f"{POST} https://grimwald.example/x",
        POST.replace(",", " -").replace("a", "\uff41"),
        f"#{POST}",
        f"{POST} [phone]",
    ],
)
def test_a_copy_is_the_same_whoever_it_is_aimed_at(copy: str) -> None:
    assert alike(POST, copy) == 1.0


@pytest.mark.parametrize(
    ("variant", "least"),
    [
        (POST.replace("quarter", "mercy"), 0.55),
        (POST.replace("traitors", "vermin"), 0.55),
        (f"{POST} to us", 0.75),
        (POST.replace("remembers", "remmebers"), 0.6),
    ],
)
def test_a_near_duplicate_scores_high(variant: str, least: float) -> None:
    assert alike(POST, variant) >= least


@pytest.mark.parametrize(
    "other",
    [
        "Please vote on Thursday, the polling station is in the school hall until ten",
        "She has never once answered a letter about the drains and it is a disgrace",
        "The moor is lovely in the spring and every one of us remembers to close the gate",
    ],
)
def test_different_texts_score_low(other: str) -> None:
    assert alike(POST, other) <= 0.3


@settings(deadline=None, max_examples=150)
@given(one=posts, other=posts, cut=st.integers(0, 40))
def test_the_estimate_is_near_the_exact_index(one: str, other: str, cut: int) -> None:
    words = one.split()
    mixed = " ".join((*words[:cut], *other.split()[: max(0, len(words) - cut)]))
    for right in (other, mixed):
        if min(len(folded(text)) for text in (one, right)) >= SHORTEST:
            # Four standard errors of 64 draws, at their worst.
            assert abs(alike(one, right) - jaccard(one, right)) <= 4 * 0.5 / math.sqrt(PERMUTATIONS)


def test_the_estimate_is_not_biased() -> None:
    variants = [" ".join(WORDS[n:] + WORDS[: n // 2]) for n in range(0, len(WORDS) - 8)]
    signed = signatures([*variants, " ".join(WORDS)])
    found = similarities(signed[:-1], [signed[-1]] * len(variants))
    exact = np.array([jaccard(variant, " ".join(WORDS)) for variant in variants])
    assert abs(float((found - exact).mean())) < 0.05


def test_columns_compare_pair_by_pair() -> None:
    one, other = signatures([POST, POST.replace("quarter", "mercy")])
    found = similarities([one, None, one, "b" + str(one)[1:]], [one, one, other, one])
    assert found[0] == 1.0
    assert np.isnan(found[1])
    assert found[2] == similarity(one, other)
    assert np.isnan(found[3])
    assert len(similarities([], [])) == 0
    with pytest.raises(ValueError, match="1 signatures"):
        similarities([one], [])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=80) | st.none(), max_size=5))
def test_any_text_can_be_read(texts: list[str | None]) -> None:
    found = signatures([*texts, "\ud83d lone surrogates are no reason to fail \udc00"])
    assert len(found) == len(texts) + 1
    assert found[-1]
    assert signatures(texts) == found[:-1]


def test_nothing_heavy_is_imported_before_a_text_is_read() -> None:
    code = (
        "import sys; import graphmatch.normalise.minhash as m; m.signatures([None, 'short']); "
        "print([name for name in ('datasketch', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout.strip() == "[]"


#: Never to be changed without a new `graphmatch.normalise.minhash.VERSION`.
GOLDEN = ["054e47169354e42e", "3d466b2b3eef9934", "9538eff47ae6e559"]
