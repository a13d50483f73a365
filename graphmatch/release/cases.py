"""Everything that bears on whether a pair may leave, gathered into one `Case` a pair. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from graphmatch.model import Gate, IdKind
from graphmatch.normalise.analysts import analyst_key
from graphmatch.normalise.categories import UNMAPPED, gate_of, leaves
from graphmatch.opinions import opinions
from graphmatch.release.recipient import Recipient
from graphmatch.tables import TEXTS

_ROUTED = (Gate.ILLEGAL.value, Gate.IMMINENT.value)


@dataclass(frozen=True, slots=True)
class Side:
    """One account of a pair: how it is named, whose it is, and what was reported of it at which gate."""

    account_id: str
    platform: str
    instance: str
    native_id: str
    id_kind: str
    handle: str | None = None
    url: str | None = None
    theirs: bool = False
    gates: Mapping[str, int] = field(default_factory=dict)
    reported_as: tuple[str, ...] = ()
    assessed_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A pair, one side of which is the recipient's, with the Match and the latest judgement of each analyst."""

    left: Side
    right: Side
    families: frozenset[str]
    story: str
    probability: float
    positive: frozenset[str]
    negative: frozenset[str]

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both accounts."""
        return self.left, self.right


def gather(
    tables: Mapping[str, pl.DataFrame], judgements: pl.DataFrame, recipient: Recipient
) -> tuple[list[Case], int]:
    """Gather the cases of a recipient.

    Parameters
    ----------
    tables
        ``accounts``, ``reports`` and ``matches``.
    judgements
        The journal's judgements.

    Returns
    -------
    tuple
        Cases in the order of ``(left, right)``, and the number of pairs that touch the recipient's accounts and
        that nobody has judged.
    """
    own = theirs(tables["accounts"], recipient)
    pairs = tables["matches"].filter(pl.col("left").is_in(own.implode()) | pl.col("right").is_in(own.implode()))
    judged = pairs.join(latest(judgements), on=["left", "right"], how="inner").sort("left", "right")
    ids = pl.concat([judged["left"], judged["right"]]).unique()
    sides = _sides(tables["accounts"], tables["reports"], ids, set(own))
    cases = [
        Case(
            left=sides.get(row["left"]) or _unknown(row["left"]),
            right=sides.get(row["right"]) or _unknown(row["right"]),
            families=frozenset(row["families"]),
            story=row["story"],
            probability=row["match_probability"],
            positive=frozenset(row["positive"]),
            negative=frozenset(row["negative"]),
        )
        for row in judged.iter_rows(named=True)
    ]
    return cases, pairs.height - judged.height


def theirs(accounts: pl.DataFrame, recipient: Recipient) -> pl.Series:
    """Give the ids of the accounts on the recipient's platform, and instance if there is one."""
    on = pl.col("platform") == recipient.platform
    if recipient.instance is not None:
        on &= pl.col("instance") == recipient.instance
    return accounts.filter(on)["account_id"]


def latest(judgements: pl.DataFrame) -> pl.DataFrame:
    """Give, for each judged pair, the analysts whose latest judgement is POSITIVE and whose is NEGATIVE.

    Analysts are told apart by `analyst_key`, so that nobody confirms twice by typing a name otherwise; who has
    no name can't confirm, but a NEGATIVE holds whoever said it. The pair's order does not matter.

    Returns
    -------
    polars.DataFrame
        ``left`` < ``right``, ``positive`` and ``negative`` (lists of analysts, sorted).
    """
    rows = [
        (left, right, _keys(known.positive_by), _keys(known.negative_by))
        for (left, right), known in opinions(judgements).items()
        if left != right
    ]
    schema = {"left": pl.String(), "right": pl.String(), "positive": TEXTS, "negative": TEXTS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _keys(analysts: list[str]) -> list[str]:
    return sorted(analyst_key(analyst) for analyst in analysts)


def gated(reports: pl.DataFrame) -> pl.DataFrame:
    """Give reports with the gate that holds for a release: the assessed category's where there is one.

    An assessment never takes a report off the police route: ``illegal`` and ``imminent`` stay until the gate itself is
    lowered.
    """
    assessed = reports["category_assessed"].drop_nulls().unique().to_list()
    mapped = pl.col("category_assessed").replace_strict(
        {leaf: gate_of(leaf).value for leaf in assessed}, default=None, return_dtype=pl.String
    )
    return reports.with_columns(
        gate=pl.when(pl.col("gate").is_in(_ROUTED))
        .then("gate")
        .when(pl.col("category_assessed").is_null())
        .then("gate")
        .otherwise(mapped)
    )


def _unknown(account_id: str) -> Side:
    """Stand in for an account that a Match names and no table holds; having no report, it holds its pair back."""
    return Side(account_id, "", "", "", IdKind.OPAQUE.value)


def _sides(accounts: pl.DataFrame, reports: pl.DataFrame, ids: pl.Series, own: set[str]) -> dict[str, Side]:
    about = gated(reports.filter(pl.col("account_id").is_in(ids.implode())))
    gates: dict[str, dict[str, int]] = {}
    for account_id, gate, count in about.group_by("account_id", "gate").agg(pl.col("count").sum()).iter_rows():
        gates.setdefault(account_id, {})[gate] = count
    terms = about.filter(pl.col("gate") == Gate.TERMS.value)
    assessed = pl.col("category_assessed").is_not_null()
    reported_as = _counted(terms.filter(~assessed), "category_reported")
    assessed_as = _counted(terms.filter(assessed), "category_assessed")
    known = ("account_id", "platform", "instance", "native_id", "id_kind", "handle", "url")
    return {
        row["account_id"]: Side(
            **row,
            theirs=row["account_id"] in own,
            gates=gates.get(row["account_id"], {}),
            reported_as=reported_as.get(row["account_id"], ()),
            assessed_as=assessed_as.get(row["account_id"], ()),
        )
        for row in accounts.filter(pl.col("account_id").is_in(ids.implode())).select(known).iter_rows(named=True)
    }


def _counted(reports: pl.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    """Count the reports of each account by category: ``abuse.insult (3)``. What is no leaf could be anybody's words."""
    leaf = pl.when(pl.col(column).is_in(list(leaves()))).then(column).otherwise(pl.lit(UNMAPPED)).alias("leaf")
    counts = reports.group_by("account_id", leaf).agg(pl.col("count").sum()).sort("account_id", "leaf")
    found: dict[str, tuple[str, ...]] = {}
    for account_id, name, count in counts.iter_rows():
        found[account_id] = (*found.get(account_id, ()), f"{name} ({count})")
    return found
