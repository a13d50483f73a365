"""A Statement of Reasons → one enforcement for each of its decisions.

A category or a decision that the tables do not know is never guessed: the statement is left out, and counted.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action
from graphmatch.normalise.categories import CONTENT_FREE, UNMAPPED, category
from graphmatch.normalise.platforms import WORDS
from graphmatch.normalise.text import encodable, redact

SOURCE = "dsa_sor"

Record = Mapping[str, Any]

#: What the first version of the schema called them, until July 2025.
_RENAMED = {
    "STATEMENT_CATEGORY_UNSAFE_AND_ILLEGAL_PRODUCTS": "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
    "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
}
#: Each kind of decision, and the column that says when it ends.
_DECISIONS = {
    "decision_visibility": "end_date_visibility_restriction",
    "decision_monetary": "end_date_monetary_restriction",
    "decision_provision": "end_date_service_restriction",
    "decision_account": "end_date_account_restriction",
}
#: What a platform says in words, where a code is not enough.
_WORDS = (
    "decision_facts",
    "illegal_content_explanation",
    "incompatible_content_explanation",
    "category_specification_other",
    "decision_visibility_other",
    "decision_monetary_other",
)
_GROUNDS = ("illegal_content_legal_ground", "incompatible_content_ground")
_DAY = timedelta(days=1, microseconds=-1)
_NOT_A_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_REASON = 5_000


@dataclass(frozen=True, slots=True)
class _Decided:
    """A decision's code, what it is, and until when it holds."""

    raw: str
    action: Action
    until: datetime | None


def statement_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give a statement's decisions."""
    number = fields.required_text(record, "uuid")
    platform = slug(fields.required_text(record, "platform_name"))
    policies = _policies(record)
    decided = _decided(record)
    day = fields.time(record, "application_date")
    # The day is all that is given, although it is written as a midnight.
    begins = day.replace(hour=0, minute=0, second=0, microsecond=0) if day else None
    for decision in decided:
        yield Enforcement(
            enforcement_id=f"{SOURCE}:{number}:{decision.raw}",
            platform=platform,
            source=context.source,
            action=decision.action,
            action_raw=decision.raw,
            scope=Scope.PLATFORM,
            at_earliest=begins,
            at_latest=begins + _DAY if begins else None,
            expires_at=decision.until,
            reason=None if _content_free(policies) else _reason(record),
            policies=policies,
        )


def slug(name: str) -> str:
    """Name a platform as the other adapters do (``x`` for Twitter); one that they do not know by its own words."""
    folded = " ".join(name.split()).casefold()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))
    return WORDS.get(folded) or _NOT_A_SLUG.sub("_", bare.casefold()).strip("_") or "unnamed"


def _policies(record: Record) -> tuple[str, ...]:
    """List the categories and keywords, and the platform's own grounds, each once."""
    main = fields.required_text(record, "category")
    codes = [main, *_codes(record, "category_addition"), *_codes(record, "category_specification")]
    if any(category(SOURCE, code).leaf == UNMAPPED for code in codes):
        raise LeftOut("a statement with a category or keyword that the taxonomy does not know")
    codes = [_RENAMED.get(code, code) for code in codes]
    grounds = [redact(ground) for path in _GROUNDS if (ground := fields.text(record, path))]
    return tuple(dict.fromkeys([*codes, *grounds]))


def _content_free(policies: tuple[str, ...]) -> bool:
    return any(category(SOURCE, policy).leaf == CONTENT_FREE for policy in policies)


def _decided(record: Record) -> list[_Decided]:
    found: list[_Decided] = []
    for column, ends in _DECISIONS.items():
        until = fields.time(record, ends)
        for raw in _codes(record, column):
            mapped = action(SOURCE, raw)
            if mapped is None:
                raise LeftOut("a statement of a decision of an unknown kind")
            if mapped is Action.ACCOUNT_SUSPENDED_TEMP and until is None:
                mapped = Action.ACCOUNT_SUSPENDED_PERM  # until further notice
            found.append(_Decided(raw, mapped, until))
    if not found:
        raise LeftOut("a statement without a decision")
    return found


def _codes(record: Record, path: str) -> list[str]:
    """List the codes in a cell: one code, or several as a JSON array; in Parquet a list."""
    held = fields.value(record, path)
    if isinstance(held, list):
        return list(dict.fromkeys(fields.texts(record, path)))
    written = fields.text(record, path)
    if written is None:
        return []
    if not written.startswith("["):
        return [written]
    try:
        codes = json.loads(written)
    except (ValueError, RecursionError):
        raise RejectedRecord(f"the field {path!r} is not a JSON array") from None
    if not all(isinstance(code, str) for code in codes):
        raise RejectedRecord(f"the field {path!r} should hold codes")
    return list(dict.fromkeys(encodable(code).strip() for code in codes if code.strip()))


def _reason(record: Record) -> str | None:
    """Give the platform's own words, redacted."""
    said = dict.fromkeys(words for path in _WORDS if (words := fields.text(record, path)))
    return redact("\n".join(said))[:_LONGEST_REASON] or None
