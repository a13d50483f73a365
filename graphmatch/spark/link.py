"""The line on Spark: accounts → what they show → census → traits → candidates → compared pairs → matches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.link import default
from graphmatch.spark import accounts, candidates, census, comparing, components, scoring, stated
from graphmatch.spark.arrow import mapped
from graphmatch.spark.places import Work, exists, parquet, remove

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from graphmatch.link.model import Model


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    accounts, output
        Addresses of Parquet: the table ``accounts``, and where the table ``matches`` goes.
    components
        Where ``account_id, component`` goes; without it GraphFrames is not needed.
    model
        Weights used as they are; without them ``start``, by default the shipped model without what labels taught, is
        fitted to the accounts.
    work
        A folder for what is between two stages, where every worker can write; removed at the end. Default: beside
        ``output``.
    same_platform, cap, seed, min_probability
        As `graphmatch.link.link` takes them.
    least
        Probability of the matches that connect a component.
    """

    accounts: str
    output: str
    components: str | None = None
    model: Model | None = None
    start: Model | None = None
    work: str | None = None
    same_platform: bool = True
    cap: int | None = None
    seed: int = 0
    min_probability: float = 0.05
    least: float = 0.9

    @property
    def folder(self) -> str:
        """Where what is between two stages goes."""
        return self.work or f"{self.output.rstrip('/')}.work"


@dataclass(frozen=True, slots=True)
class Linked:
    """What was made: counts, the model that scored, and a row per blocking rule as one machine reports it."""

    accounts: int
    candidates: int
    matches: int
    model: Model
    rules: pl.DataFrame


def link(spark: SparkSession, wanted: Wanted, say: Callable[[str], None] = lambda _: None) -> Linked:
    """Link accounts.

    Parameters
    ----------
    spark
        The session (`graphmatch.spark.session.session`).
    wanted
        What is asked for.
    say
        Told of each stage as it begins.

    Raises
    ------
    UsageError, UnreadableFile, RejectedTable
        Something is wrong with what is given; said before the work begins, but for nulls and repeated ids.
    """
    given = _checked(spark, wanted)
    work = Work(spark, wanted.folder, say=say)
    try:
        return _linked(given, wanted, work)
    except BaseException:
        # Half an output is none, and would stand in the way of the next try.
        for address in filter(None, (wanted.output, wanted.components)):
            remove(spark, address)
        raise
    finally:
        remove(spark, wanted.folder)


def _checked(spark: SparkSession, wanted: Wanted) -> DataFrame:
    for option, address in (
        ("--output", wanted.output),
        ("--components", wanted.components),
        ("--work", wanted.folder),
    ):
        if address is not None and exists(spark, address, option):
            raise UsageError(f"{option} {address}: there is something already; nothing is overwritten")
    for model in (wanted.model, wanted.start):
        if model is not None and model.learned is not None:
            raise UsageError("on Spark weights come from levels alone: give a model without learned weights")
    given = accounts.checked(parquet(spark, wanted.accounts, "--accounts"))
    if wanted.components is not None:
        components.ready(spark)
    return given


def _linked(given: DataFrame, wanted: Wanted, work: Work) -> Linked:
    found = work.kept("shown", accounts.numbered(given, work))
    small = census.small(found)
    named = work.kept("named", stated.directed(found))
    traits = _traits(found, named, small, work)
    pairs, rules = _candidates(traits, named, small, wanted, work)
    told = stated.levels(named)
    spread = small.census.pairs_per_account(same_platform=wanted.same_platform)
    wide = spread.select("population", "pairs_per_account")
    compared = work.kept("compared", comparing.compared(pairs, told, traits, small, wide))
    model = wanted.model
    count = pairs.count()
    if model is None:
        start = wanted.start or default().unlabelled()
        sizes = {"accounts": float(spread["accounts"].sum()), "pairs": float(spread["pairs"].sum())}
        start = replace(start, seed=wanted.seed, counts={**sizes, "candidates": count})
        work.stage("fit")
        model = comparing.fitted(start, compared, told, traits, small, same_platform=wanted.same_platform)
    weighed = work.kept("spoken_for", scoring.spoken_for(compared, model, wanted.min_probability))
    lost = scoring.with_lost(weighed, model.rival_floor)
    work.stage("matches")
    scoring.matches(lost, traits, model, wanted.min_probability).write.mode("error").parquet(wanted.output)
    made = work.spark.read.parquet(wanted.output)
    if wanted.components is not None:
        work.stage("components")
        grouped = components.components(made, wanted.least, f"{wanted.folder}/checkpoints")
        grouped.write.mode("error").parquet(wanted.components)
    return Linked(int(small.census.sizes["size"].sum()), count, made.count(), model, rules)


def _traits(found: DataFrame, named: DataFrame, small: census.Small, work: Work) -> DataFrame:
    """Weigh the accounts, each by the counts of what it has, and mark those that name another."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    counts = work.kept("counts", census.counted(found, small))
    naming = named.where(~f.col("claim")).select(f.col("left").alias("id")).distinct()
    marked = census.with_counts(found.drop("names_others"), counts).join(
        naming.withColumn("names", f.lit(1)), "id", "left"
    )
    marked = marked.withColumn("names_others", f.col("names").isNotNull()).drop("names")
    return work.kept("traits", mapped(marked, census.Weighed(small), census.weighed_types()))


def _candidates(
    traits: DataFrame, named: DataFrame, small: census.Small, wanted: Wanted, work: Work
) -> tuple[DataFrame, pl.DataFrame]:
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    populations = small.census.sizes["population"].to_list()
    keys = candidates.keyed(traits, small.words, populations, wanted.cap).repartition("key")
    types = candidates.MET
    met = work.kept("met", mapped(keys, candidates.Meeting(wanted.same_platform, wanted.cap), types, whole=True))
    told = named.select("left", "right")
    if not wanted.same_platform:
        for side in ("left", "right"):
            place = traits.select(f.col("id").alias(side), f.col("place_code").alias(f"{side}_place"))
            told = told.join(place, side)
        told = told.where("left_place != right_place")
    pairs = work.kept("pairs", candidates.candidates(met, told))
    return pairs, candidates.report(met, pairs, wanted.cap)
