"""A STIX ``relationship`` → a claim that two accounts have one operator, a trait of an account, or a target.

Who asserts it is an organisation, and it is an allegation: a `LinkClaim`, never a Match.
"""

# ruff: noqa: SIM905 - a line of words reads better than a word a line
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import platform_of
from graphmatch.adapter import Context
from graphmatch.allegations import claim_between, says_otherwise
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from ingest.stix.accounts import TRAITS, Subject, subject_of, subject_rows, trait_of, withdrawn_rows
from ingest.stix.aims import aimed_rows
from ingest.stix.named import ACCOUNT, ASSERTED_BY, named_in, targeted_in, times_of
from ingest.stix.objects import AIMED_AT, kind_of

Record = Mapping[str, Any]

#: Kinds of relationship by which two accounts are said to have one operator, or an account to have a trait.
_ONE_OPERATOR = frozenset(
    (
        "alias-of alternate-of also-known-as associated-with derived-from duplicate-of identical-to known-as linked-to "
        "preceded-by related-to same-as same-operator similar similar-to successor-of suspected-link"
    ).split()
)
_HAS_TRAIT = frozenset(
    (
        "associated-with belongs-to controls declares has linked-to links-to owned-by owns publishes registered-with "
        "related-to used-by uses"
    ).split()
)


def relationship_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one relationship holds."""
    found = fields.required_mapping(record, "object")
    source, target = fields.required_text(found, "source_ref"), fields.required_text(found, "target_ref")
    kinds = [kind_of(source), kind_of(target)]
    word = fields.required_text(found, "relationship_type").casefold().replace("_", "-").replace(" ", "-")
    named = named_in(record)
    if word in AIMED_AT and kinds[1] in (ACCOUNT, "identity"):
        yield from aimed_rows(record, word, context)
    elif not targeted_in(record).isdisjoint((source, target)):
        raise LeftOut("a statement about an account that abuse is aimed at")
    elif kinds == [ACCOUNT, ACCOUNT]:
        yield from _claim_rows(found, word, named, context)
    elif ACCOUNT in kinds and not TRAITS.keys().isdisjoint(kinds):
        account, trait = (source, target) if kinds[0] == ACCOUNT else (target, source)
        yield from _trait_rows(found, word, named, account, trait, context)
    elif ACCOUNT in kinds and not {"identity", "threat-actor", "intrusion-set"}.isdisjoint(kinds):
        raise LeftOut("a statement of who is behind an account, which is not kept")
    else:
        raise LeftOut("a relationship that is not about accounts")


def _claim_rows(found: Record, word: str, named: Mapping[str, Record], context: Context) -> Iterator[Row]:
    description = fields.text(found, "description") or ""
    if word not in _ONE_OPERATOR or says_otherwise(description):
        raise LeftOut("a relationship of accounts that is not said to be of one operator")
    confidence = fields.integer(found, "confidence")
    if confidence == 0:
        raise LeftOut("a relationship of accounts of which its author is not confident at all")
    created, seen = times_of(found)
    revoked = fields.flag(found, "revoked")
    if revoked and seen is None:
        raise LeftOut("a statement of one operator that its author has taken back, without saying when")
    one, other = (_subject(found, name, named, seen, context) for name in ("source_ref", "target_ref"))
    if not revoked:
        yield from subject_rows(one, context)
        yield from subject_rows(other, context)
    claim = claim_between(
        one.account,
        other.account,
        claim_id=f"stix:{fields.required_text(found, 'id')}",
        quote=_quote(word, confidence, description),
        asserted_by=ASSERTED_BY,
        asserted_at=created,
        withdrawn_at=seen if revoked else None,
    )
    if claim:
        yield claim
    elif revoked:
        raise LeftOut("a statement of one operator of an account and itself")


def _quote(word: str, confidence: int | None, description: str) -> str:
    sure = f" (confidence {confidence})" if confidence is not None else ""
    return f"{word}{sure}: {description}" if description else f"{word}{sure}"


def _subject(found: Record, name: str, named: Mapping[str, Record], seen: datetime | None, context: Context) -> Subject:
    ref = fields.required_text(found, name)
    if ref not in named:
        raise RejectedRecord(f"the field {name!r} names an account that is not in this file; join the pages it came in")
    return subject_of(named[ref], seen, context, _pages(found, named))


def _pages(found: Record, named: Mapping[str, Record]) -> dict[str, str]:
    """Give the page that stands beside the accounts, under the platform that only one of them is of."""
    ends = (named.get(fields.text(found, name) or "", {}) for name in ("source_ref", "target_ref"))
    platforms = [platform_of(fields.text(end, "account_type")) for end in ends]
    pages: dict[str, str] = {}
    for each in fields.items(found, "external_references"):
        platform, url = platform_of(fields.text(each, "source_name")), fields.text(each, "url")
        if platform and url and platforms.count(platform) == 1:
            pages[platform] = url
    return pages


def _trait_rows(
    found: Record, word: str, named: Mapping[str, Record], account: str, trait: str, context: Context
) -> Iterator[Row]:
    if word not in _HAS_TRAIT:
        raise LeftOut("a relationship of an account and an address that is not said to be its own")
    if account not in named or trait not in named:
        raise RejectedRecord("it names an account or an address that is not in this file; join the pages it came in")
    created, seen = times_of(found)
    subject = subject_of(named[account], seen, context)
    revoked = fields.flag(found, "revoked")
    traits = trait_of(named[trait], created if revoked else subject.account.observed_at)
    if not traits:
        raise LeftOut("a relationship of an account and an address that is blank")
    if not revoked:
        yield from subject_rows(subject, context, traits=traits)
    elif seen is None:
        raise LeftOut("a trait that its author has taken back, without saying when")
    else:
        yield from withdrawn_rows(subject, context, traits, seen)
