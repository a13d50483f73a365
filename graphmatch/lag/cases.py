"""The cases of each stage, each with its lag as an interval in days.

In: migrations, removals, reports, enforcements, what was shared and acknowledged. Out: `Ledger`. Pure; the order of
rows never matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from graphmatch.model import Action, MigrationKind, ReportStatus
from graphmatch.tables import TIME

REAPPEARANCE, FIRST_REPORT = "enforcement_to_reappearance", "reappearance_to_report"
RELEASE, LEAD = "report_to_release", "release_to_report"
ACKNOWLEDGEMENT, AFTER_ACKNOWLEDGEMENT = "release_to_acknowledgement", "acknowledgement_to_action"
ACTION = "report_to_action"
#: Each stage, and what is needed to say anything of it.
STAGES = {
    REAPPEARANCE: "removals whose time is known",
    FIRST_REPORT: "suspected migrations that follow a removal",
    RELEASE: "releases",
    ACKNOWLEDGEMENT: "acknowledgements by recipients",
    AFTER_ACKNOWLEDGEMENT: "acknowledgements by recipients",
    ACTION: "reported accounts to which somebody is suspected to have moved",
    LEAD: "releases",
}
#: How a stage must be read.
READ_AS = {
    REAPPEARANCE: "of all removed accounts; a return that no link was found for counts as none yet, so shares are low",
    FIRST_REPORT: "an account that was neither reported nor enforced against is no migration: late reports are missing",
    RELEASE: "from the first local report to the first release to that platform which names the account",
    ACKNOWLEDGEMENT: "from that release to the recipient's acknowledgement",
    AFTER_ACKNOWLEDGEMENT: "from the acknowledgement to the first action on the account",
    ACTION: "from the first local report to the first action on the account, whoever prompted it",
    LEAD: "where the release came first: how long before the first local report",
}
#: What was released: the first release to its own platform that names the account.
SHARED: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String,
    "recipient": pl.String,
    "released_at": TIME,
}
#: That a recipient confirmed having received it. No adapter reads this yet: whoever has it hands the frame in.
ACKNOWLEDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String,
    "recipient": pl.String,
    "acknowledged_at": TIME,
}
#: Columns of the ledger; see `ledger`.
LEDGER: dict[str, pl.DataType | type[pl.DataType]] = {
    "stage": pl.String,
    "case_id": pl.String,
    "account_id": pl.String,
    "origin_platform": pl.String,
    "destination_platform": pl.String,
    "migration_id": pl.String,
    "match_probability": pl.Float64,
    "standing": pl.String,
    "began_earliest": TIME,
    "began_latest": TIME,
    "ended_earliest": TIME,
    "ended_latest": TIME,
    "least_days": pl.Float64,
    "most_days": pl.Float64,
    "followed_days": pl.Float64,
    "is_censored": pl.Boolean,
}
#: Migrations that are certain to follow a removal.
KINDS = (MigrationKind.DISPLACED.value, MigrationKind.RETURNED.value, MigrationKind.PRE_POSITIONED.value)
#: What is no action on an account.
NO_ACTION = (
    Action.NONE.value, Action.NOTE.value, Action.TRIAGE.value, Action.ESCALATED.value, Action.REFERRED_LE.value,
    Action.ACCOUNT_RESTORED.value, Action.CONTENT_RESTORED.value,
)  # fmt: skip
NO_TIME, NEGATIVE = "a time is missing", "it ended before it began"
UNORDERED, CIRCULAR = "order in time not known", "only the report itself dates the reappearance"
_ENDS = ("began_earliest", "began_latest", "ended_earliest", "ended_latest")
_MOVE = ("migration_id", "match_probability", "standing")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every case, what was refused, and of which stages nothing is known.

    ``cases`` has the columns of `LEDGER`; ``refused`` has ``stage, reason, n``; ``no_data`` maps a stage without a case
    to what would be needed; ``end`` is where open cases are censored.
    """

    cases: pl.DataFrame
    refused: pl.DataFrame
    no_data: dict[str, str]
    end: datetime | None


def newest(contents: pl.DataFrame, reports: pl.DataFrame, enforcements: pl.DataFrame) -> datetime | None:
    """Give the newest moment of anything that was written, reported or done: where open cases are censored.

    Never the clock's. Nor when a file was pulled, which does not say how far the export reaches; nor when accounts were
    made, which may be read off an id and lie anywhere.
    """
    seen = [contents["created_at"].max(), reports["reported_at"].max(), enforcements["at_latest"].max()]
    return max((moment for moment in seen if isinstance(moment, datetime)), default=None)


def ledger(  # noqa: PLR0913 - one argument a table
    removed: pl.DataFrame,
    migrations: pl.DataFrame,
    reports: pl.DataFrame,
    enforcements: pl.DataFrame,
    contents: pl.DataFrame,
    *,
    end: datetime | None,
    window: timedelta,
    shared: pl.DataFrame | None = None,
    acknowledged: pl.DataFrame | None = None,
) -> Ledger:
    """List the cases of each stage of `STAGES`.

    Parameters
    ----------
    removed
        From `graphmatch.migration.removed`: every removal, also of accounts that never reappeared.
    migrations, reports, enforcements, contents
        Tables of those names. Only migrations of a kind that is certain to follow a removal are cases.
    end
        Where open cases are censored, from `newest`.
    window
        That of the migrations: a reappearance later than this would not be in them, so nobody is watched for longer.
    shared, acknowledged
        Columns `SHARED` and `ACKNOWLEDGED`. Without them their stages are ``no data``. A report's status is no
        acknowledgement: its time is when it was last seen, not when it changed.

    Returns
    -------
    Ledger
        Days are 24 hours. ``least_days`` and ``most_days`` bound the lag, ``most_days`` is null where nothing bounds it
        from above. An open case has ``is_censored`` and lasts at least ``least_days`` = ``followed_days``, counted from
        the latest moment at which it may have begun. ``destination_platform`` is null for who did not reappear. A
        release that comes before the first report is no lag but a lead, in a stage of its own.
    """
    moved = migrations.filter(pl.col("kind").is_in(KINDS))
    stages = {REAPPEARANCE: _reappearances(removed, migrations, end, window)}
    cases = moved.select(
        *_MOVE,
        "origin_platform",
        "destination_platform",
        "arrived_earliest",
        "arrived_latest",
        case_id="migration_id",
        account_id="destination_account_id",
    )
    cases = cases.join(_first_reports(reports), on="account_id", how="left")
    stages[FIRST_REPORT] = _to_report(cases, end)
    acts = _acts(enforcements, contents)
    reported = _began(cases.drop_nulls("reported_at"), "reported_at")
    stages[ACTION] = _until_action(reported, acts, end)
    stages |= _shared_stages(cases, acts, shared, acknowledged, end)
    made = [_measured(rows, name, end) for name, rows in stages.items()]
    kept = pl.concat([rows for rows, _ in made]).sort("stage", "case_id", "migration_id")
    refused = pl.concat([rows for _, rows in made]).group_by("stage", "reason").agg(n=pl.len().cast(pl.Int64))
    told = set(kept["stage"])
    return Ledger(
        kept, refused.sort("stage", "reason"), {name: why for name, why in STAGES.items() if name not in told}, end
    )


def _reappearances(
    removed: pl.DataFrame, migrations: pl.DataFrame, end: datetime | None, window: timedelta
) -> pl.DataFrame:
    """Join each removal with the moves that followed it; a removal without any is an open case."""
    after = migrations.filter(pl.col("kind").is_in([*KINDS, MigrationKind.UNKNOWN_ORDER.value]))
    after = after.select(
        *_MOVE, "kind", "enforcement_id", "left_earliest", "left_latest", "arrived_earliest", "arrived_latest",
        "destination_platform", account_id="origin_account_id",
    )  # fmt: skip
    named = removed.select("case_id", "account_id", enforcement_id="enforcement_ids").explode(
        "enforcement_id", keep_nulls=True, empty_as_null=True
    )
    events = named.join(after, on=["account_id", "enforcement_id"], nulls_equal=True).drop("enforcement_id")
    sure = events.filter(pl.col("kind") != MigrationKind.UNKNOWN_ORDER.value)
    unsure = events.join(sure, on="case_id", how="anti").select("case_id").unique()
    watched = removed.select(
        "case_id", "account_id", "until", "removed_earliest", "removed_latest", origin_platform="platform"
    ).with_columns(watched_until=pl.min_horizontal(pl.col("removed_latest") + window, "until", pl.lit(end, dtype=TIME)))
    joined = watched.join(sure.drop("account_id", "kind"), on="case_id", how="left")
    return joined.with_columns(
        began_earliest=pl.coalesce("left_earliest", "removed_earliest"),
        began_latest=pl.coalesce("left_latest", "removed_latest"),
        ended_earliest="arrived_earliest",
        ended_latest="arrived_latest",
        is_censored=pl.col("migration_id").is_null(),
        refused=pl.when(pl.col("case_id").is_in(unsure["case_id"].implode())).then(pl.lit(UNORDERED)),
    )


def _first_reports(reports: pl.DataFrame) -> pl.DataFrame:
    """Find the first dated report on each account that was not dismissed, and those that have only undated ones."""
    held = reports.filter(pl.col("status").is_null() | (pl.col("status") != ReportStatus.DISMISSED.value))
    first = held.drop_nulls("account_id").group_by("account_id").agg(pl.col("reported_at").min())
    return first.with_columns(is_undated=pl.col("reported_at").is_null())


def _began(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.with_columns(began_earliest=pl.col(name), began_latest=pl.col(name))


def _to_report(cases: pl.DataFrame, end: datetime | None) -> pl.DataFrame:
    itself = pl.col("arrived_earliest").eq(pl.col("reported_at")) & pl.col("arrived_latest").eq(pl.col("reported_at"))
    return cases.with_columns(
        began_earliest="arrived_earliest",
        began_latest="arrived_latest",
        ended_earliest="reported_at",
        ended_latest="reported_at",
        watched_until=pl.lit(end, dtype=TIME),
        is_censored=pl.col("reported_at").is_null(),
        refused=pl.when(pl.col("is_undated").fill_null(value=False))
        .then(pl.lit(NO_TIME))
        .when(itself.fill_null(value=False))
        .then(pl.lit(CIRCULAR)),
    )


def _acts(enforcements: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """List what was done about an account or its content: ``account_id, acted_earliest, acted_latest``."""
    authors = contents.select("content_id", author="account_id").drop_nulls()
    done = enforcements.filter(~pl.col("action").is_in(NO_ACTION)).join(authors, on="content_id", how="left")
    return done.select(
        account_id=pl.coalesce("account_id", "author"), acted_earliest="at_earliest", acted_latest="at_latest"
    ).drop_nulls(["account_id", "acted_latest"])


def _until_action(began: pl.DataFrame, acts: pl.DataFrame, end: datetime | None) -> pl.DataFrame:
    """Find the first action that does not surely lie before; what was done before was about something else."""
    later = began.join(acts, on="account_id").filter(pl.col("acted_latest") >= pl.col("began_earliest"))
    first = later.sort("acted_latest", "acted_earliest", nulls_last=True).unique(
        "case_id", keep="first", maintain_order=True
    )
    found = began.join(first.select("case_id", "acted_earliest", "acted_latest"), on="case_id", how="left")
    return found.with_columns(
        ended_earliest=pl.max_horizontal("acted_earliest", "began_earliest"),
        ended_latest="acted_latest",
        watched_until=pl.lit(end, dtype=TIME),
        is_censored=pl.col("acted_latest").is_null(),
        refused=pl.lit(None, dtype=pl.String),
    ).with_columns(ended_earliest=pl.when(~pl.col("is_censored")).then("ended_earliest"))


def _shared_stages(
    cases: pl.DataFrame,
    acts: pl.DataFrame,
    shared: pl.DataFrame | None,
    acknowledged: pl.DataFrame | None,
    end: datetime | None,
) -> dict[str, pl.DataFrame]:
    """Make the stages that begin or end with a release; none where nothing was released."""
    if shared is None or shared.is_empty():
        return {}
    first = shared.drop_nulls("released_at").group_by("account_id").agg(pl.col("released_at").min())
    known = cases.join(first, on="account_id", how="left")
    open_ = {"watched_until": pl.lit(end, dtype=TIME), "refused": pl.lit(None, dtype=pl.String)}
    is_lead = (pl.col("released_at") < pl.col("reported_at")) | pl.col("reported_at").is_null()
    reported = known.drop_nulls("reported_at").filter(~is_lead.fill_null(value=False))
    led = known.drop_nulls("released_at").filter(is_lead)
    stages = {
        RELEASE: _ended(_began(reported, "reported_at"), "released_at", open_),
        LEAD: _ended(_began(led, "released_at"), "reported_at", open_),
    }
    if acknowledged is None or acknowledged.is_empty():
        return stages
    heard = acknowledged.group_by("account_id").agg(pl.col("acknowledged_at").min())
    released = known.drop_nulls("released_at").join(heard, on="account_id", how="left")
    stages[ACKNOWLEDGEMENT] = _ended(_began(released, "released_at"), "acknowledged_at", open_)
    stages[AFTER_ACKNOWLEDGEMENT] = _until_action(
        _began(released.drop_nulls("acknowledged_at"), "acknowledged_at"), acts, end
    )
    return stages


def _ended(rows: pl.DataFrame, name: str, others: dict[str, pl.Expr]) -> pl.DataFrame:
    ended = pl.col(name)
    return rows.with_columns(ended_earliest=ended, ended_latest=ended, is_censored=ended.is_null(), **others)


def _measured(rows: pl.DataFrame, stage: str, end: datetime | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Measure the lags of a stage in days, and refuse what can't be measured."""
    day = timedelta(days=1).total_seconds() * 1e6

    def days(later: str, earlier: str) -> pl.Expr:
        return (pl.col(later) - pl.col(earlier)).dt.total_microseconds() / day

    dated = rows.with_columns(
        *(pl.col(name).cast(TIME) for name in (*_ENDS, "watched_until")),
        stage=pl.lit(stage),
    ).with_columns(
        followed_days=days("watched_until", "began_latest"),
        most_days=days("ended_latest", "began_earliest"),
        # What may have come first and did not surely: the least lag is none.
        least_days=days("ended_earliest", "began_latest").fill_null(0.0).clip(lower_bound=0.0),
    )
    is_open = pl.col("is_censored")
    missing = pl.col("began_latest").is_null() | (~is_open & pl.col("ended_latest").is_null())
    missing = missing if end is not None else pl.lit(value=True)
    backward = pl.when(is_open).then(pl.col("followed_days") < 0).otherwise(pl.col("most_days") < 0)
    judged = dated.with_columns(
        refused=pl.coalesce(
            "refused",
            pl.when(missing).then(pl.lit(NO_TIME)),
            pl.when(backward.fill_null(value=False)).then(pl.lit(NEGATIVE)),
        ),
        least_days=pl.when(is_open).then("followed_days").otherwise("least_days"),
        most_days=pl.when(~is_open).then("most_days"),
    )
    kept = judged.filter(pl.col("refused").is_null())
    kept = kept.with_columns(
        *(pl.lit(None, dtype=dtype).alias(name) for name, dtype in LEDGER.items() if name not in kept.columns)
    )
    return (
        kept.select(pl.col(name).cast(dtype) for name, dtype in LEDGER.items()),
        judged.drop_nulls("refused").select("stage", reason="refused"),
    )
