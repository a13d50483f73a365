"""Layers: what accounts share, and how much sharing it weighs.

In: observed tables. Out: frames ``account_id, unit, key``: an account's hold on a unit (a target, an address, a text,
an answer, a reporter) gives it one or more keys, and accounts with a key in common are tied. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.community.copies import copied
from graphmatch.model import ReportStatus, SignalKind
from graphmatch.tables import TIME


@dataclass(frozen=True, slots=True)
class Layer:
    """How much sharing a key of one kind weighs: ``weight`` if two nodes share it, less the more do.

    ``steep`` divides by ``n - 1`` (each key spreads its weight evenly over its nodes; Newman 2001), else by
    ``log2(n)``. Keys shared by more than ``cap`` nodes tie nobody, so that no layer is ever quadratic.
    """

    name: str
    weight: float
    steep: bool
    cap: int

    def weigh(self, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weigh a tie by how many ``nodes`` (≥ 2) share its key; in (0, 1), falling."""
        return self.weight / ((nodes - 1).astype(np.float64) if self.steep else np.log2(nodes))


#: Hitting the same target is what strangers do in an election: only a target that few hit ties them.
TARGET = Layer("target", 0.3, steep=True, cap=30)
#: The same target in one span of time is a pile-on, called together or not: it takes several to make a community.
#: Spans overlap by half, so that hits close in time share two of them and weigh about twice.
MOMENT = Layer("moment", 0.12, steep=False, cap=50)
#: The same uncommon address on a profile was put there on purpose, however many did it.
LINK = Layer("link", 0.5, steep=False, cap=100)
#: The same or nearly the same words were copied if few say them; what many say is a saying.
TEXT = Layer("text", 0.5, steep=True, cap=30)
#: To answer somebody is as often a quarrel as a friendship: one answer does not reach the resolution's default, and
#: answering each other just does. Each is a key of two; the cap is of an account that many answer.
REPLY = Layer("reply", 0.04, steep=True, cap=20)
#: Reported by the same reporter within a window. Mass reporting is a weapon, so that this layer ties nobody whom no
#: other layer ties, counts one reporter a pair however many there are, and weighs less than half the resolution.
REPORTER = Layer("reporter", 0.02, steep=True, cap=5)

#: All of them, in the order in which reports of them stand.
LAYERS = (TARGET, MOMENT, LINK, TEXT, REPLY, REPORTER)

#: Two nodes that hit one target within it share a moment; beyond twice of it they never do. An evening.
WINDOW = timedelta(hours=6)
#: Most ties of a layer. If its keys make more, its cap is lowered until they don't: the rarest keys tie first, since
#: they weigh most. It holds memory at about 100 bytes for each tie of all layers.
MOST_TIES = 10_000_000
#: Texts with fewer words are things that anybody says.
LEAST_WORDS = 5


def hits(reports: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """List who is said to have aimed at whom: by content with its time, by report without (it tells another time)."""
    by_content = contents.select("account_id", key="target_ids", at="created_at")
    by_report = reports.select("account_id", key="target_ids", at=pl.lit(None, TIME))
    both = pl.concat([by_content, by_report]).explode("key", empty_as_null=False)
    return both.drop_nulls(["account_id", "key"])


def targets(hits: pl.DataFrame) -> pl.DataFrame:
    """List whom each account hit."""
    return hits.select("account_id", unit="key", key="key")


def moments(hits: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """Cut each target's hits into overlapping spans, two windows long, one beginning every window.

    Spans in place of exact distances: the pairs of a busy hour would grow with the square of its posts.
    """
    dated = hits.drop_nulls("at").with_columns(span=_spans("at", window)).explode("span", empty_as_null=False)
    return dated.select("account_id", unit="key", key=pl.struct("key", "span"))


def _spans(at: str, window: timedelta) -> pl.Expr:
    span = pl.col(at).dt.epoch("us") // round(window.total_seconds() * 1e6)
    return pl.concat_list(span, span + 1)


def links(sightings: pl.DataFrame) -> pl.DataFrame:
    """List the addresses on profiles, not those in messages."""
    on_profiles = (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") != "message")
    return sightings.filter(on_profiles).select("account_id", unit="value", key="value")


def texts(contents: pl.DataFrame) -> pl.DataFrame:
    """Fold texts to their bare words (no addresses, mentions, digits, marks or case), and near-equal ones to one."""
    words = (
        pl.col("text")
        .str.to_lowercase()
        .str.replace_all(r"https?://\S+|[@#]\S+|\[\w+\]", " ")
        .str.replace_all(r"[^\p{L}\p{M}]+", " ")
        .str.strip_chars()
    )
    long_enough = (
        contents.drop_nulls(["account_id", "text"])
        .select("account_id", "text_minhash", words=words)
        .filter(pl.col("words").str.count_matches(" ") + 1 >= LEAST_WORDS)
    )
    return long_enough.select(
        "account_id", unit=copied(long_enough["words"], long_enough["text_minhash"])
    ).with_columns(key="unit")


def replies(accounts: pl.DataFrame, targets: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """List who answered which other reported account, under either's name: ``account_id, unit, key, is_answered``.

    Targets say it: an adapter that sees a reply names the answered account as a target, derived as ``reply_parent``.
    A registered candidate or office holder is a target and no partner in a conversation.
    """
    address = pl.concat_str("platform", pl.lit(":"), "instance", pl.lit(":"), "handle").str.to_lowercase()
    named = accounts.select("account_id", name=address)
    itself = accounts.select("account_id", name=pl.col("account_id").str.to_lowercase())
    known = pl.concat([named, itself]).drop_nulls().unique("name", keep="none")
    answered = (
        targets.filter(pl.col("derivations").list.contains("reply_parent"), pl.col("registered_as").is_null())
        .select("target_id", name=pl.col("target_id").str.to_lowercase())
        .join(known.rename({"account_id": "answered"}), on="name")
    )
    said = (
        contents.select("account_id", target_id="target_ids")
        .explode("target_id", empty_as_null=False)
        .drop_nulls()
        .join(answered, on="target_id")
        .filter(pl.col("account_id") != pl.col("answered"))
        .select("account_id", "answered")
        .unique()
    )
    busy = pl.col("account_id").n_unique().over("answered") > REPLY.cap
    pairs = said.filter(~busy).with_columns(unit=pl.struct("account_id", "answered"))
    sides = (
        pairs.select("account_id", "unit", key="unit", is_answered=pl.lit(value=False)),
        pairs.select(account_id="answered", unit="unit", key="unit", is_answered=pl.lit(value=True)),
    )
    return pl.concat(sides)


def reporters(reports: pl.DataFrame, bursts: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """List by whom accounts were reported, and in which spans of time.

    Dismissed reports and those of a burst, which may be brigading, are left out.
    """
    brigading = bursts.select(report_id="report_ids").explode("report_id", empty_as_null=False).drop_nulls()
    dismissed = (pl.col("status") == ReportStatus.DISMISSED.value).fill_null(value=False)
    dated = (
        reports.filter(~dismissed)
        .drop_nulls(["account_id", "reporter_ref", "reported_at"])
        .join(brigading, on="report_id", how="anti")
        .with_columns(span=_spans("reported_at", window))
        .explode("span", empty_as_null=False)
    )
    return dated.select("account_id", unit="reporter_ref", key=pl.struct("reporter_ref", "span"))
