"""Whom abuse is aimed at: a relationship that ``targets`` or ``impersonates`` somebody. It never links two accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row, Specificity
from graphmatch.normalise.categories import Category, gate_of
from ingest.stix.accounts import subject_of, subject_rows
from ingest.stix.named import ACCOUNT, named_in, target_row, times_of
from ingest.stix.objects import kind_of
from ingest.stix.statements import read_statement, report_rows

Record = Mapping[str, Any]

_IMPERSONATION = "deception.impersonation"


def aimed_rows(record: Record, word: str, context: Context) -> Iterator[Row]:
    """Give the target, and the account that aims at it; impersonation is an allegation of its own."""
    found = fields.required_mapping(record, "object")
    if fields.flag(found, "revoked"):
        raise LeftOut("a statement of whom abuse is aimed at that its author has taken back")
    source, target = fields.required_text(found, "source_ref"), fields.required_text(found, "target_ref")
    named = named_in(record)
    if target not in named:
        raise RejectedRecord("the field 'target_ref' names somebody who is not in this file; join the pages it came in")
    _, modified = times_of(found)
    seen = context.observed_at or modified
    whom = named[target]
    aim = aimed_at(subject_of(whom, seen, context).account) if kind_of(target) == ACCOUNT else target_row(whom, seen)
    yield aim
    if kind_of(source) != ACCOUNT or source not in named:
        return
    subject = subject_of(named[source], seen, context)
    if word == "impersonates":
        statement = read_statement(found, context)
        alleged = Category(_IMPERSONATION, Specificity.EXACT, gate_of(_IMPERSONATION))
        yield from report_rows(
            replace(statement, raw=word, category=alleged), source, subject, [aim], context, alone=False
        )
    else:
        yield from subject_rows(subject, context)
