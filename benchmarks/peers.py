"""Link accounts as others would: plain string rules and Splink, on the same accounts and under the same protocol.

Usage: python benchmarks/peers.py FOLDER [--output FILE.json] [--no-splink]

FOLDER holds ``accounts.parquet`` (``account_id, platform, handle, display_name, dataset``) and ``truth.parquet``
(``account_id, person_id``). Prints the table of ``quality.py`` for the peers alone. Candidates are pairs inside one
``dataset`` on two platforms (``platform`` as it stands). Each peer gives ``left, right, match_probability``; for the
string rules that is a similarity in [0, 1], no probability.

Text is prepared alike for all: accents folded, lower case, and cut off what a network adds to a handle (a fediverse
instance, ``.bsky.social``, LinkedIn's serial number). Squashed text keeps letters and digits only; words are runs of
letters, a handle's also split where its case rises. An account's *label* is its handle, or without one its name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

#: What a network adds to the name that its user chose: a fediverse instance, Bluesky's host, LinkedIn's serial number.
ADDED = re.compile(r"(?<=[^@])@.*$|\.bsky\.social$|(?<=.)-(?=[0-9a-z]*\d)[0-9a-z]{5,}$")
CASE_RISES = re.compile(r"(?<=[a-z])(?=[A-Z])")
LETTERS = re.compile(r"[^\W\d_]+")
NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
TEXTS = ("handle", "name", "handle_words", "name_words", "label")
NO_LINKS = {"left": pl.String, "right": pl.String, "match_probability": pl.Float64}

#: How alike two lists of accounts are, pair by pair: 0 where either has nothing to compare.
Likeness = Callable[[pl.DataFrame, pl.DataFrame], np.ndarray]
#: From accounts to ``left, right, match_probability``.
Peer = Callable[[pl.DataFrame], pl.DataFrame]


def fold(text: str) -> str:
    """Lower the case and take accents away."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def prepare(accounts: pl.DataFrame) -> pl.DataFrame:
    """Give ``account_id, dataset, platform`` and the prepared texts; a text that is not there is empty.

    ``handle`` and ``name`` are squashed, ``handle_words`` and ``name_words`` parted by spaces; ``label`` is the handle
    or, without one, the name.
    """
    rows = []
    for handle, name in accounts.select(pl.col("handle", "display_name").fill_null("")).iter_rows():
        local = ADDED.sub("", handle.strip())
        squashed, squashed_name = (NO_LETTER_OR_DIGIT.sub("", fold(text)) for text in (local, name))
        words, name_words = (" ".join(LETTERS.findall(fold(text))) for text in (CASE_RISES.sub(" ", local), name))
        rows.append((squashed, squashed_name, words, name_words, squashed or squashed_name))
    texts = pl.DataFrame(rows, schema=dict.fromkeys(TEXTS, pl.String), orient="row")
    populations = accounts if "dataset" in accounts.columns else accounts.with_columns(pl.lit("").alias("dataset"))
    return populations.select("account_id", "dataset", "platform").hstack(texts)


def exact(accounts: pl.DataFrame) -> pl.DataFrame:
    """Link accounts with equal labels."""
    held = prepare(accounts).filter(pl.col("label") != "").select("account_id", "dataset", "platform", "label")
    both = held.join(held, on=["dataset", "label"], suffix="_r").filter(pl.col("platform") < pl.col("platform_r"))
    return both.select(
        pl.col("account_id").alias("left"),
        pl.col("account_id_r").alias("right"),
        pl.lit(1.0).alias("match_probability"),
    )


def jaro_winkler(accounts: pl.DataFrame) -> pl.DataFrame:
    """Link by Jaro-Winkler of the labels: pairs that are each other's best on their two platforms, ties included."""
    return best_matches(prepare(accounts), _labels)


def max_rule(accounts: pl.DataFrame) -> pl.DataFrame:
    """Link by the largest of Jaro-Winkler of the labels and ``token_set_ratio`` of words: each other's best.

    Words of a handle against words of a display name, both ways, and of the two display names.
    """
    return best_matches(prepare(accounts), _largest)


def best_matches(prepared: pl.DataFrame, likeness: Likeness) -> pl.DataFrame:
    """Keep, for each two platforms of a set, pairs that neither account has a better one than."""
    found = [pl.DataFrame(schema=NO_LINKS)]
    for one, other in platforms(prepared):
        alike = likeness(one, other)
        best = (alike >= alike.max(1, keepdims=True)) & (alike >= alike.max(0, keepdims=True)) & (alike > 0)
        rows, columns = np.nonzero(best)
        found.append(
            pl.DataFrame(
                {
                    "left": one["account_id"].gather(rows),
                    "right": other["account_id"].gather(columns),
                    "match_probability": alike[rows, columns].astype(np.float64),
                },
                schema=NO_LINKS,
            )
        )
    return pl.concat(found)


def platforms(prepared: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give the accounts of each two platforms of each set."""
    for members in prepared.partition_by("dataset", maintain_order=True):
        yield from combinations(members.sort("platform").partition_by("platform", maintain_order=True), 2)


def _labels(one: pl.DataFrame, other: pl.DataFrame) -> np.ndarray:
    return _alike(one["label"], other["label"], JaroWinkler.normalized_similarity)


def _largest(one: pl.DataFrame, other: pl.DataFrame) -> np.ndarray:
    texts = (("handle_words", "name_words"), ("name_words", "handle_words"), ("name_words", "name_words"))
    words = [_alike(one[left], other[right], fuzz.token_set_ratio) / 100 for left, right in texts]
    return np.maximum.reduce([_labels(one, other), *words])


def _alike(one: pl.Series, other: pl.Series, scorer: Callable[..., float]) -> np.ndarray:
    left, right = (np.flatnonzero((texts != "").to_numpy()) for texts in (one, other))
    alike = np.zeros((len(one), len(other)), dtype=np.float32)
    if left.size and right.size:
        compared = process.cdist(
            one.gather(left).to_list(), other.gather(right).to_list(), scorer=scorer, dtype=np.float32
        )
        alike[np.ix_(left, right)] = compared
    return alike


#: The string rules by name.
RULES: dict[str, Peer] = {
    "exact handle": exact,
    "Jaro-Winkler": jaro_winkler,
    "max rule": max_rule,
}


def splink_peers() -> dict[str, Peer]:
    """Give Splink as it comes and Splink tuned, by name.

    Raises
    ------
    ModuleNotFoundError
        Splink is not installed (the extra ``bench``).
    """
    import splink_peer

    return {"Splink, default": splink_peer.default, "Splink, tuned": splink_peer.tuned}


def main() -> None:
    """Print the table of the peers."""
    import quality

    quality.report(quality.options(__doc__, folder_first=True), {})


if __name__ == "__main__":
    main()
