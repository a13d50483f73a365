"""What ties an account that nobody reported to one that was enforced against. In: derived tables. Out: pairs. Pure."""

from __future__ import annotations

import polars as pl

from graphmatch.early_warning.places import place
from graphmatch.forest import Forest, weakest
from graphmatch.model import Story
from graphmatch.opinions import opinions


def tied(
    candidates: pl.DataFrame,
    sources: pl.DataFrame,
    matches: pl.DataFrame,
    actors: pl.DataFrame,
    judgements: pl.DataFrame | None = None,
    *,
    least: float | None = None,
) -> pl.DataFrame:
    """Pair candidates with enforced accounts elsewhere.

    Parameters
    ----------
    candidates
        From `graphmatch.early_warning.unreported.unreported`.
    sources
        From `graphmatch.early_warning.enforced.enforced`.
    matches, actors, judgements
        Tables of those names.
    least
        Lowest probability of a Match that ties two accounts of no common actor; none does if it is not said.

    Returns
    -------
    polars.DataFrame
        The columns of both, ``match_probability``, ``actor_id`` (null for a Match alone) and ``link_standing``.
    """
    mine = candidates.join(_members(actors), on="account_id", how="left")
    theirs = sources.join(_members(actors), left_on="enforced_account_id", right_on="account_id", how="left")
    elsewhere = place() != place("enforced_")
    within = mine.drop_nulls("actor_id").join(theirs.drop_nulls("actor_id"), on="actor_id").filter(elsewhere)
    known = matches.clear() if least is None else matches.filter(pl.col("match_probability") >= least)
    alone = (
        _matched(known, judgements)
        .join(mine, on="account_id")
        .join(theirs, on="enforced_account_id", suffix="_theirs")
        .filter(elsewhere & ~(pl.col("actor_id") == pl.col("actor_id_theirs")).fill_null(value=False))
        .with_columns(pl.lit(None, pl.String).alias("actor_id"))
    )
    columns = [*candidates.columns, *sources.columns, "actor_id", "match_probability", "link_standing"]
    return pl.concat([_supported(within, matches, actors).select(columns), alone.select(columns)])


def _members(actors: pl.DataFrame) -> pl.DataFrame:
    return actors.select("actor_id", account_id="account_ids").explode("account_id")


def _matched(matches: pl.DataFrame, judgements: pl.DataFrame | None) -> pl.DataFrame:
    """Give Matches as pairs in both directions, without those that somebody called NEGATIVE."""
    held = opinions(judgements) if judgements is not None else {}
    denied = pl.DataFrame(
        [pair for pair, known in held.items() if known.negative_by],
        schema={"left": pl.String, "right": pl.String},
        orient="row",
    )
    good = matches.filter(pl.col("story") == Story.SAME_OPERATOR.value).join(denied, on=["left", "right"], how="anti")
    rest = (pl.col("match_probability"), pl.col("standing").alias("link_standing"))
    one = good.select(pl.col("left").alias("account_id"), pl.col("right").alias("enforced_account_id"), *rest)
    other = good.select(pl.col("right").alias("account_id"), pl.col("left").alias("enforced_account_id"), *rest)
    return pl.concat([one, other])


def _supported(within: pl.DataFrame, matches: pl.DataFrame, actors: pl.DataFrame) -> pl.DataFrame:
    """Add the support of pairs inside actors: the weakest link on the best path, and never less than the actor's."""
    known = within.join(actors.select("actor_id", "match_probability", link_standing="standing"), on="actor_id")
    forest = Forest.of_actors(actors.filter(pl.col("actor_id").is_in(within["actor_id"].unique().implode())), matches)
    probabilities = []
    for left, right, base in known.select("account_id", "enforced_account_id", "match_probability").iter_rows():
        low = weakest(forest.path(left, right) or ())
        probabilities.append(base if low is None else max(base, low.probability))
    return known.with_columns(pl.Series("match_probability", probabilities, pl.Float64))
