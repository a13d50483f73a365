"""Observations and addresses → accounts with the times at which they were seen, and traits that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from graphmatch.normalise.times import latest
from graphmatch.profile import Seen
from ingest.stix.accounts import TRAITS, subject_rows, trait_of
from ingest.stix.named import ACCOUNT, named_in, span_of, subjects_of, targeted_in, times_of
from ingest.stix.objects import kind_of, refs_in

Record = Mapping[str, Any]


def observed_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one ``observed-data`` holds: accounts, and what was seen with one of them."""
    found = fields.required_mapping(record, "object")
    seen_with = _objects_of(found, record)
    accounts = [ref for ref, each in seen_with.items() if _kind(each) == ACCOUNT]
    missing = [ref for ref in refs_in(found, ("object_refs",)) if kind_of(ref) == ACCOUNT]
    if not accounts and not missing:
        raise LeftOut("an observation without an account")
    if fields.flag(found, "revoked"):
        raise LeftOut("an observation that its author has taken back")
    span = span_of(found, "first_observed", "last_observed")
    seen = latest(*span) or times_of(found)[1]
    refs = [f"{ACCOUNT}--{ref}" if kind_of(ref) != ACCOUNT else ref for ref in accounts] or missing
    by_ref = dict(zip(refs, (seen_with[ref] for ref in accounts), strict=False))
    subjects = subjects_of(refs, by_ref, seen, context)
    # With several accounts nothing tells whose an address is.
    traits = _traits(seen_with, span[1] or seen) if len(accounts) == 1 else {}
    targeted = targeted_in(record)
    for ref, subject in subjects.items():
        if ref in targeted:
            yield aimed_at(subject.account)
        else:
            yield from subject_rows(subject, context, traits=traits, span=span)


def email_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the account that an e-mail address is said to belong to, with the address's digest."""
    found = fields.required_mapping(record, "object")
    owner = fields.text(found, "belongs_to_ref")
    if owner is None:
        raise LeftOut("an e-mail address by itself: relationships say whose it is")
    if kind_of(owner) != ACCOUNT:
        raise RejectedRecord("the field 'belongs_to_ref' names no account")
    if owner in targeted_in(record):
        raise LeftOut("an e-mail address of somebody whom abuse is aimed at")
    for subject in subjects_of([owner], named_in(record), None, context).values():
        yield from subject_rows(subject, context, traits=trait_of(found, subject.account.observed_at))


def _objects_of(found: Record, record: Record) -> dict[str, Record]:
    """Give what was observed, by id; STIX 2.0 keeps it in the observation itself, by number."""
    inner = fields.mapping(found, "objects")
    if inner:
        return {name: fields.mapping(inner, name) for name in inner if "." not in name}
    named = named_in(record)
    return {ref: named[ref] for ref in refs_in(found, ("object_refs",)) if ref in named}


def _kind(found: Record) -> str | None:
    return fields.text(found, "type")


def _traits(seen_with: Mapping[str, Record], at: datetime | None) -> dict[str, list[Seen]]:
    traits: dict[str, list[Seen]] = {}
    for each in seen_with.values():
        if _kind(each) in TRAITS:
            for name, values in trait_of(each, at, "message").items():
                traits.setdefault(name, []).extend(values)
    return traits
