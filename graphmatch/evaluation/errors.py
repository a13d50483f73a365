"""Where the errors are: what kind of true pair is missed at probability one half, and what kind of false one is linked.

Missed pairs fall into the first of these that holds:

``nothing_observed``
    An account has neither handle nor display name.
``nothing_in_common``
    No name word of three letters or more is in both names or stands inside the other's handle, and the Jaro-Winkler
    similarity of the folded handles is below 0.7 (or one has none).
``not_proposed``
    They have something in common, but no rule made them a candidate.
``scored_low``
    They were compared, and the evidence was not enough.
``not_looked_at``
    Pairs of persons with more than `MANY` accounts in a set: counted, not listed.

False links likewise: ``same_handle`` (folded, without separators), ``same_name`` (the same words in any order),
``name_in_handle`` (every word of three letters or more of one's name stands inside the other's handle),
``word_in_common`` (one such word is in both names or inside the other's handle), ``similar_handle`` (Jaro-Winkler
similarity 0.9 or more), ``other``.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
from rapidfuzz.distance import JaroWinkler

from graphmatch.evaluation.judged import LINK, Judged
from graphmatch.evaluation.naming import LEAST_WORD, named

MISSED = ("nothing_observed", "nothing_in_common", "not_proposed", "scored_low", "not_looked_at")
FALSE = ("same_handle", "same_name", "name_in_handle", "word_in_common", "similar_handle", "other")
#: Persons with more accounts in a set have too many pairs to list.
MANY = 100
#: Folded handles less similar than this have nothing in common.
ALIKE = 0.7
#: From here on a person would take them for each other too.
VERY_ALIKE = 0.9


class Called(NamedTuple):
    """What an account is called: folded handle, and the words of its name; ``None`` and empty: not observed."""

    handle: str | None
    words: frozenset[str]

    @property
    def long_words(self) -> frozenset[str]:
        """The words that say something inside a handle."""
        return frozenset(word for word in self.words if len(word) >= LEAST_WORD)


def errors(judged: Judged, accounts: pl.DataFrame) -> pl.DataFrame:
    """Sort the errors of each set into classes.

    Parameters
    ----------
    judged
        What `judge` gave.
    accounts
        The accounts table that was judged, for ``handle`` and ``display_name``.

    Returns
    -------
    polars.DataFrame
        ``set, error`` (``missed`` or ``false``), ``kind, pairs`` and ``proposed``: how many of them are among the pairs
        that were given. Every set has every kind; missed pairs add up to true pairs less true links, false ones to
        false links.
    """
    called = {
        account: Called(handle, frozenset(words or ()))
        for account, handle, words in named(accounts).select("account_id", "handle", "words").iter_rows()
    }
    linked = judged.pairs.filter(pl.col("match_probability") >= LINK)
    wrong = linked.filter(~pl.col("is_true")).select("set", "left", "right", proposed=pl.lit(value=True))
    missed = _missed(judged)
    sorted_out = pl.concat(
        [
            _sorted_out(wrong, "false", [false_kind(called[a], called[b]) for a, b in _ends(wrong)]),
            _sorted_out(
                missed,
                "missed",
                [
                    missed_kind(called[a], called[b], proposed=seen)
                    for (a, b), seen in zip(_ends(missed), missed["proposed"], strict=True)
                ],
            ),
        ]
    )
    return _every_kind(judged, pl.concat([sorted_out, _unlisted(judged, linked, missed)]))


def missed_kind(one: Called, two: Called, *, proposed: bool) -> str:
    """Name the class of a missed pair."""
    if not all(side.handle or side.words for side in (one, two)):
        return "nothing_observed"
    if not _word_in_common(one, two) and _alike(one, two) < ALIKE:
        return "nothing_in_common"
    return "scored_low" if proposed else "not_proposed"


def false_kind(one: Called, two: Called) -> str:
    """Name the class of a false link."""
    if one.handle and one.handle == two.handle:
        return "same_handle"
    if one.words and one.words == two.words:
        return "same_name"
    if _spelt_inside(one, two) or _spelt_inside(two, one):
        return "name_in_handle"
    if _word_in_common(one, two):
        return "word_in_common"
    return "similar_handle" if _alike(one, two) >= VERY_ALIKE else "other"


def _word_in_common(one: Called, two: Called) -> bool:
    if one.long_words & two.long_words:
        return True
    crossed = ((one.long_words, two.handle or ""), (two.long_words, one.handle or ""))
    return any(word in handle for words, handle in crossed for word in words)


def _alike(one: Called, two: Called) -> float:
    return JaroWinkler.similarity(one.handle, two.handle) if one.handle and two.handle else 0.0


def _spelt_inside(named_one: Called, other: Called) -> bool:
    words, handle = named_one.long_words, other.handle or ""
    return bool(words) and all(word in handle for word in words)


def _ends(pairs: pl.DataFrame) -> list[tuple[str, str]]:
    return list(zip(pairs["left"].to_list(), pairs["right"].to_list(), strict=True))


def _missed(judged: Judged) -> pl.DataFrame:
    """List the missed pairs of persons with few accounts: ``set, left, right, proposed``."""
    able = judged.accounts.filter(pl.col("counted") & pl.col("person_id").is_not_null())
    few = able.filter(pl.len().over("set", "person_id").is_between(2, MANY))
    both = few.join(few, on=["set", "person_id"], suffix="_two").filter(
        (pl.col("account_id") < pl.col("account_id_two")) & (pl.col("platform") != pl.col("platform_two"))
    )
    given = judged.pairs.select("left", "right", "match_probability")
    told = both.select("set", pl.col("account_id").alias("left"), pl.col("account_id_two").alias("right")).join(
        given, on=["left", "right"], how="left"
    )
    low = told.filter((pl.col("match_probability") >= LINK).fill_null(value=False).not_())
    return low.select("set", "left", "right", pl.col("match_probability").is_not_null().alias("proposed"))


def _sorted_out(pairs: pl.DataFrame, error: str, kinds: list[str]) -> pl.DataFrame:
    told = pairs.with_columns(pl.Series("kind", kinds, dtype=pl.String), pl.lit(error).alias("error"))
    return told.group_by("set", "error", "kind").agg(
        pl.len().cast(pl.Int64).alias("pairs"), pl.col("proposed").sum().cast(pl.Int64)
    )


def _unlisted(judged: Judged, linked: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    def count(pairs: pl.DataFrame, name: str) -> pl.DataFrame:
        return pairs.group_by("set").agg(pl.len().cast(pl.Int64).alias(name))

    true, given = linked.filter("is_true"), judged.pairs.filter("is_true")
    table = judged.sets.select("set", "true_pairs")
    for pairs, name in ((true, "found"), (given, "given"), (listed, "listed"), (listed.filter("proposed"), "seen")):
        table = table.join(count(pairs, name), on="set", how="left").with_columns(pl.col(name).fill_null(0))
    return table.select(
        "set",
        pl.lit("missed").alias("error"),
        pl.lit("not_looked_at").alias("kind"),
        (pl.col("true_pairs") - pl.col("found") - pl.col("listed")).alias("pairs"),
        (pl.col("given") - pl.col("found") - pl.col("seen")).alias("proposed"),
    )


def _every_kind(judged: Judged, counted: pl.DataFrame) -> pl.DataFrame:
    kinds = pl.DataFrame(
        [(error, kind) for error, all_kinds in (("missed", MISSED), ("false", FALSE)) for kind in all_kinds],
        schema={"error": pl.String, "kind": pl.String},
        orient="row",
    )
    every = judged.sets.select("set").join(kinds, how="cross", maintain_order="left_right")
    return every.join(counted, on=["set", "error", "kind"], how="left", maintain_order="left").with_columns(
        pl.col("pairs", "proposed").fill_null(0)
    )
