"""The objects that a record names → the accounts among them, and the persons at whom abuse is aimed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Target
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.stix.accounts import Subject, subject_of
from ingest.stix.objects import kind_of, refs_in

Record = Mapping[str, Any]

ACCOUNT = "user-account"
#: Who asserts what a STIX file says (`LinkClaim.asserted_by`).
ASSERTED_BY = "organisation"
#: Words in a person's roles by which it is one of those whom abuse is aimed at.
_AIMED_AT = re.compile(
    r"\b(?:target|victim|candidate|councillor|mp|msp|ms|mla|mep|minister|mayor|politician|elected|office[ -]?holder"
    r"|parliamentarian|peer|commissioner|campaigner|staff)s?\b",
    re.IGNORECASE,
)


def named_in(record: Record) -> dict[str, Record]:
    """Give the objects that a record's object names, by id."""
    return {fields.required_text(each, "id"): each for each in fields.items(record, "named")}


def targeted_in(record: Record) -> frozenset[str]:
    """Give the ids, among those of a record, of whom abuse is aimed at."""
    return frozenset(fields.texts(record, "targeted"))


def times_of(found: Record) -> tuple[datetime | None, datetime | None]:
    """Give when a statement was made and when it was last changed."""
    created = fields.time(found, "created")
    return created, latest(created, fields.time(found, "modified"))


def span_of(found: Record, first: str, last: str) -> tuple[datetime | None, datetime | None]:
    """Give from when to when something was seen; one of the two times stands for both."""
    begun, ended = fields.time(found, first), fields.time(found, last)
    return begun or ended, ended or begun


def subjects_of(
    refs: Iterable[str], named: Mapping[str, Record], seen: datetime | None, context: Context
) -> dict[str, Subject]:
    """Read the accounts among ``refs``, by their objects' ids; empty if there are none.

    Raises
    ------
    RejectedRecord
        The file holds none of the accounts, or none of them can be read.
    LeftOut
        They are accounts of computer systems only.
    """
    wanted = [ref for ref in refs if kind_of(ref) == ACCOUNT]
    found: dict[str, Subject] = {}
    why: LeftOut | RejectedRecord | None = None
    for ref in wanted:
        if ref not in named:
            continue
        try:
            found[ref] = subject_of(named[ref], seen, context)
        except (LeftOut, RejectedRecord) as reason:
            why = reason
    if wanted and not found:
        raise why or RejectedRecord("the accounts that it names are not in this file; join the pages it came in")
    return found


def account_refs(found: Record, named: Mapping[str, Record]) -> list[str]:
    """List the ids of the accounts that an object names, itself or through an observation."""
    refs = dict.fromkeys(refs_in(found, ("object_refs", "observed_data_refs", "sighting_of_ref")))
    for ref in list(refs):
        if kind_of(ref) == "observed-data" and ref in named:
            refs |= dict.fromkeys(refs_in(named[ref], ("object_refs",)))
    return [ref for ref in refs if kind_of(ref) == ACCOUNT]


def targets_of(
    refs: Iterable[str], named: Mapping[str, Record], author: str | None, seen: datetime | None
) -> list[Target]:
    """Give the persons among ``refs`` whose roles say that abuse is aimed at them; never the author."""
    found: list[Target] = []
    for ref in refs:
        person = named.get(ref, {}) if kind_of(ref) == "identity" and ref != author else {}
        # An identity that can't be read costs nothing that names it.
        with suppress(RejectedRecord):
            roles = " ".join([*fields.texts(person, "roles"), *fields.texts(person, "labels")])
            if _AIMED_AT.search(roles) and _is_person(person):
                found.append(target_row(person, seen))
    return found


def target_row(person: Record, seen: datetime | None) -> Target:
    """Give a person at whom abuse is aimed."""
    name = " ".join(redact(fields.required_text(person, "name")).split())
    roles = ", ".join(fields.texts(person, "roles"))
    return Target(
        f"name:{name.casefold()}",
        name=name,
        role=redact(roles) or None,
        derivations=("intake",),
        observed_at=seen,
    )


def _is_person(identity: Record) -> bool:
    return fields.text(identity, "identity_class") in (None, "individual", "unspecified")
