"""``graphmatch link --engine spark``: the same verb where the accounts lie on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmatch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmatch.cli.state import State
    from graphmatch.link import Model


@dataclass(frozen=True, slots=True)
class OnSpark:
    """What the options of Spark say, as they were written.

    Attributes
    ----------
    master
        ``--master``: where Spark runs.
    accounts, output, components, work
        Addresses (``file://``, ``hdfs://``, ``s3a://``) of Parquet, and of the folder of what is between two stages.
    jars
        ``--jars``: files, parted by commas.
    conf
        ``--conf``: ``name=value``, each a setting of Spark.
    least
        ``--component-probability``: of the matches that connect a component.
    """

    master: str
    accounts: str | None
    output: str | None
    components: str | None = None
    work: str | None = None
    jars: str | None = None
    conf: Sequence[str] = ()
    least: float = 0.9


def link_on_spark(
    state: State, asked: OnSpark, model: Model | None, *, same_platform: bool, cap: int | None, seed: int | None
) -> None:
    """Link accounts on Spark, and say what was done, on stderr.

    Raises
    ------
    GraphmatchError
        An option is missing or wrong, the extra or the master is not there, or the accounts are refused.
    """
    from graphmatch.spark.link import Wanted, link
    from graphmatch.spark.session import session

    if asked.accounts is None or asked.output is None:
        raise UsageError("--engine spark needs --accounts and --output")
    wanted = Wanted(
        accounts=asked.accounts,
        output=asked.output,
        components=asked.components,
        model=model,
        work=asked.work,
        same_platform=same_platform,
        cap=cap,
        seed=seed or 0,
        least=asked.least,
    )
    spark = session(asked.master, settings(asked.conf), asked.jars)
    try:
        made = link(spark, wanted, lambda stage: state.say(f"stage: {stage}"))
    finally:
        spark.stop()
    for rule in made.rules.iter_rows(named=True):
        dropped = f"; {rule['keys_dropped']:,} keys too common to mean anything" if rule["keys_dropped"] else ""
        state.say(f"rule {rule['rule']}: {rule['pairs']:,} pairs{dropped}")
    state.say(f"{made.matches:,} matches of {made.candidates:,} candidate pairs of {made.accounts:,} accounts")


def settings(conf: Sequence[str]) -> dict[str, str]:
    """Read ``name=value`` each.

    Raises
    ------
    UsageError
        One has no ``=``, or is no setting of Spark.
    """
    made = {}
    for one in conf:
        name, equals, value = one.partition("=")
        if not equals or not name.startswith("spark."):
            raise UsageError(f"--conf {one}: a setting of Spark is written spark.name=value")
        made[name] = value
    return made
