"""What was known when: one rule for each column of each observed table. Data, no logic.

A table as the store holds it is merged from many observations; of some columns only the latest value is left. So the
rules say what may be believed to have been known at a date, and when in doubt a value was *not* known: what is lost
makes a backtest look worse, what leaks makes it a lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from graphmatch.model import SignalKind


class Kind(StrEnum):
    """How a column was known at a date.

    ``WITH_ROW``: since its row was; nothing dates it apart, and it says what the thing is, not what became of it.
    ``TIME``: a time itself; one that lies after the date is null.
    ``DATED``: known if the time in the column that it is ``by`` is not after the date; without a time never.
    ``SIGHTED``: the value that was first seen last in the sightings of a kind, for those keep each value's first time;
    where there is none, as ``DATED``.
    ``NEVER``: found out later than the row, and nothing says when: always null.
    ``REFERENCE``: another row's key; null where that row was not known.
    """

    WITH_ROW = "with_row"
    TIME = "time"
    DATED = "dated"
    SIGHTED = "sighted"
    NEVER = "never"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one column; ``by`` is the column, kind of sighting or table that it goes by."""

    kind: Kind
    by: str = ""


def _dated(by: str) -> Rule:
    return Rule(Kind.DATED, by)


def _sighted(kind: SignalKind) -> Rule:
    return Rule(Kind.SIGHTED, kind.value)


_ROW, _TIME, _NEVER = Rule(Kind.WITH_ROW), Rule(Kind.TIME), Rule(Kind.NEVER)
_OF_REPORT = Rule(Kind.REFERENCE, "reports")


def _rows(*names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, _ROW)


#: Table → column → rule. A test holds it together with `graphmatch.tables`.
RULES: Mapping[str, Mapping[str, Rule]] = {
    "accounts": {
        **_rows("account_id", "platform", "instance", "native_id", "id_kind"),
        "handle": _sighted(SignalKind.HANDLE),
        "handle_at": _TIME,
        "display_name": _sighted(SignalKind.DISPLAY_NAME),
        "display_name_at": _TIME,
        "bio": _sighted(SignalKind.BIO),
        "bio_at": _TIME,
        "url": _dated("url_at"),
        "url_at": _TIME,
        "location": _sighted(SignalKind.LOCATION),
        "location_at": _TIME,
        "avatar_url": _sighted(SignalKind.AVATAR),
        "avatar_url_at": _TIME,
        "state": _dated("state_at"),
        "state_at": _TIME,
        "created_at": _TIME,
        "created_at_precision": _dated("created_at"),
        "last_active": _TIME,
        "first_observed_at": _TIME,
        "last_observed_at": _TIME,
    },
    "sightings": {
        **_rows("account_id", "kind", "value", "source", "context"),
        "first_seen": _TIME,
        "last_seen": _TIME,
        "report_id": _OF_REPORT,
        "withdrawn_at": _TIME,
    },
    "reports": {
        # What the reporter said.
        **_rows("report_id", "source", "source_kind", "platform", "account_id", "category_raw", "category_reported"),
        **_rows("specificity", "gate", "count", "reporter_ref", "reporter_is_target", "text", "text_minhash"),
        **_rows("content_ids", "target_ids"),
        "category_assessed": _NEVER,
        "reported_at": _TIME,
        "observed_at": _TIME,
        # Running counts of the source.
        "reporter_upheld": _NEVER,
        "reporter_dismissed": _NEVER,
        "status": _dated("status_at"),
        "status_at": _TIME,
        "status_raw": _dated("status_raw_at"),
        "status_raw_at": _TIME,
    },
    "contents": {
        **_rows("content_id", "platform", "account_id", "url", "target_ids"),
        "text": _dated("text_at"),
        "text_at": _TIME,
        "text_minhash": _dated("text_at"),
        "created_at": _TIME,
        "observed_at": _TIME,
    },
    "targets": {
        # Who stands for election is public; a registry read later is as good.
        **_rows("target_id", "platform", "handle", "name", "role", "registered_as", "derivations"),
        "observed_at": _TIME,
    },
    "enforcements": {
        **_rows("enforcement_id", "platform", "source", "action", "action_raw", "scope", "account_id", "content_id"),
        **_rows("scope_ref", "reason", "policies", "by_ref"),
        "at_earliest": _TIME,
        "at_latest": _TIME,
        # A suspension that ends later has not ended yet: that is all that counts.
        "expires_at": _TIME,
    },
    "link_claims": {
        **_rows("claim_id", "account_id", "claimed_handle", "quote", "claimed_platform", "asserted_by"),
        "report_id": _OF_REPORT,
        "asserted_at": _TIME,
        "withdrawn_at": _TIME,
    },
}
