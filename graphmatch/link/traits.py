"""Accounts and sightings → one row of comparable traits per account.

In: the accounts table (or just some of its columns) and what hangs on it. Out: a frame sorted by ``account_id``, whose
row number stands for the account in every later step. Null and empty lists mean *not observed*. What an account shows
of itself (`shown`) and what the population makes of it (`weighed`, by a `Census`) are worked out apart, so that
accounts that come later, or lie on another machine, get the same traits.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from graphmatch.link.accounts import TEXT_COLUMNS, listed
from graphmatch.link.census import Census
from graphmatch.link.hashed import hashed, looked_up
from graphmatch.link.signals import SETS, canonical_link, with_sets, with_targets
from graphmatch.link.surprisal import SPELLING_WEIGHT
from graphmatch.link.words import WORD_LENGTHS
from graphmatch.normalise.columns import each
from graphmatch.normalise.handle_columns import folded_and_stems, skeletons
from graphmatch.normalise.name_columns import named, organisation_ends
from graphmatch.normalise.text_columns import bare_words, bare_words_of

__all__ = [
    "SETS", "SPELLING_WEIGHT", "TEXT_COLUMNS", "WORD_LENGTHS", "canonical_link", "shown", "traits", "weighed",
]  # fmt: skip


def traits(
    accounts: pl.DataFrame, sightings: pl.DataFrame | None = None, reports: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Work out what can be compared: what accounts show, weighed by themselves.

    Returns
    -------
    polars.DataFrame
        As `weighed` gives them.

    Raises
    ------
    RejectedTable
        As of `shown`.
    """
    found = shown(accounts, sightings, reports)
    return weighed(found, Census.of(found))


def shown(
    accounts: pl.DataFrame, sightings: pl.DataFrame | None = None, reports: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Work out what each account shows of itself. A row depends on that account alone.

    Returns
    -------
    polars.DataFrame
        One row per account, sorted by ``account_id``: ``population, platform, instance, place, handle, stem, skeleton,
        name, words, joined, organisation, full_forms, short_forms, bio, location, address, targets`` and the columns
        of `SETS`, beside ``display_name, url, avatar_url, created_at, last_active`` as they were given, and
        ``names_others``, false.

    Raises
    ------
    RejectedTable
        ``account_id`` or ``platform`` is missing or null, a column holds values of another kind, or an ``account_id``
        stands twice.
    """
    base = listed(accounts)
    base = with_sets(base, sightings, whole="native_id" in accounts.columns)
    base = with_targets(base, reports)
    names = named(base["display_name"])
    folded, stems = folded_and_stems(base["handle"], base["platform"])
    organisation = names["organisation"] | organisation_ends(stems)
    return pl.concat([base, names.drop("organisation")], how="horizontal").with_columns(
        folded.alias("handle"),
        stems.alias("stem"),
        skeletons(stems).alias("skeleton"),
        organisation.alias("organisation"),
        bare_words_of(base["bio"]).alias("bio"),
        each(base["location"], bare_words, pl.String).alias("location"),
        pl.lit(value=False).alias("names_others"),
        pl.concat_str("platform", pl.lit(":"), "instance").alias("place"),
    )


def weighed(found: pl.DataFrame, census: Census) -> pl.DataFrame:
    """Add what the population tells of each trait; rows keep their order.

    Parameters
    ----------
    found
        From `shown`: any accounts, whether the census knows them or not.
    census
        Of their population.

    Returns
    -------
    polars.DataFrame
        ``found`` with ``handle_bits, stem_bits, name_bits`` (surprisal), ``word_bits`` (of each of ``words``: how few
        other names and handles hold it, over its spelling), ``<trait>_count`` of each of
        `graphmatch.link.census.VALUES` (how many accounts of that platform and population have the same value; null
        where there is none) and ``platform_count`` (how many there are).
    """
    model = census.model
    return found.with_columns(
        model.score(found["handle"]).alias("handle_bits"),
        model.score(found["stem"]).alias("stem_bits"),
        model.score(found["joined"]).alias("name_bits"),
        _word_bits(found, census),
        *(_counted(found, trait, held) for trait, held in census.values.items()),
        _accounts(found.select("population", "platform"), census.platforms).alias("platform_count"),
    )


def _counted(found: pl.DataFrame, trait: str, held: pl.DataFrame) -> pl.Series:
    """Count the accounts of its platform and population that have each account's value; null where it has none."""
    counts = _accounts(found.select("population", "platform", trait), held)
    return counts.set(found[trait].is_null(), None).alias(f"{trait}_count")


def _accounts(wanted: pl.DataFrame, held: pl.DataFrame) -> pl.Series:
    """Give ``accounts`` of what is held that is the same as each row but for the names of columns; 1 if nothing is."""
    known = held.drop("accounts")
    counts = looked_up(hashed(wanted, *wanted.columns), hashed(known, *known.columns), held["accounts"].to_numpy())
    return pl.Series(np.maximum(counts, 1), dtype=pl.UInt32)


def _word_bits(found: pl.DataFrame, census: Census) -> pl.Series:
    """Give the bits of each word of each name, of equal names once."""
    keys = hashed(found, "population", "words")
    first = pl.Series(keys).is_first_distinct() & found["words"].is_not_null()
    names = found.filter(first).select("population", pl.col("words").alias("word")).with_row_index("row")
    words = names.explode("word")
    bits = _bits_of(words.drop("row"), census)
    lists = pl.DataFrame([words["row"], bits]).group_by("row", maintain_order=True).agg("bits")["bits"]
    place = looked_up(keys, keys[first.to_numpy()], np.arange(1, lists.len() + 1))
    at = pl.Series(place.astype(np.int64) - 1)
    return lists.gather(at.set(at < 0, None)).alias("word_bits")


def _bits_of(words: pl.DataFrame, census: Census) -> pl.Series:
    """Give the bits of words (``population, word``)."""
    keys = hashed(words, *words.columns)
    first = pl.Series(keys).is_first_distinct()
    known = words.filter(first)
    held = census.words
    others = looked_up(hashed(known, *known.columns), hashed(held, *known.columns), held["others"].to_numpy())
    known = known.join(census.spelled, on="population", how="left", maintain_order="left")
    known = known.with_columns(pl.Series("others", others), census.model.score(known["word"]).alias("spelling"))
    chance = pl.col("others") + SPELLING_WEIGHT * pl.lit(2.0).pow(-pl.col("spelling"))
    everyone = pl.col("names").fill_null(0) + pl.col("stems").fill_null(0) + SPELLING_WEIGHT
    bits = known.select(-(chance / everyone).log(2)).to_series()
    return pl.Series("bits", looked_up(keys, keys[first.to_numpy()], bits.to_numpy()))
