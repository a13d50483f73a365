"""Reads Democracy Club's table of candidates: one Target for each account of a candidate, and one for the name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row, Target
from graphmatch.normalise.links import account_key, account_of
from graphmatch.normalise.text import redact
from graphmatch.readers import read_layout

NAME = "democracy_club"
_ROLE = "candidate"
_PERSON = frozenset({"person_id", "person_name"})
_CANDIDACY = frozenset({"ballot_paper_id", "election_id", "post_label", "party_id"})
_NOT_OURS = Refusal("not Democracy Club's table of candidates (person_id, person_name and a ballot)")

#: Columns that name accounts. Where people write a bare handle in place of an address, its platform stands here.
_ACCOUNTS: dict[str, str | None] = {
    "twitter_username": "x",
    "mastodon_username": None,
    "blue_sky_url": "bluesky",
    "facebook_page_url": None,
    "facebook_personal_url": None,
    "instagram_url": None,
    "threads_url": None,
    "tiktok_url": None,
    "youtube_profile": None,
    "linkedin_url": None,
    "homepage_url": None,
    "blog_url": None,
    "other_url": None,
}
_BARE = {
    "x": re.compile(r"@?\w{1,20}"),
    "bluesky": re.compile(r"@?(?:[\w-]{1,63}\.){1,6}[a-zA-Z]{2,24}|did:[a-z]+:[\w.:-]{1,256}"),
}
#: What stands in a handle's place where the platform's own id is known: a DID, a channel, a page's number.
_NATIVE_ID = re.compile(r"did:.+|UC[\w-]{22}|\d+", re.IGNORECASE)


class DemocracyClubAdapter:
    """Reads the CSV of candidates. A person who stands in several ballots has several rows, and stays one person."""

    name = NAME

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is no table of candidates."""
        columns = set(head.columns)
        if head.format in ("csv", "parquet") and columns >= _PERSON and columns & _CANDIDACY:
            return Layout(head.format, "candidacy")
        return _NOT_OURS

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the rows as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Give one candidate's accounts and name.

        A cancelled poll makes no difference: whoever was elected unopposed is aimed at like the others.
        """
        row = record.value
        number = fields.required_text(row, "person_id")
        if len(number.split()) > 1:
            raise RejectedRecord("the field 'person_id' is no number")
        name = " ".join(redact(fields.required_text(row, "person_name")).split())
        person = Target(
            target_id=f"name:{name.casefold()}",
            name=name,
            role=_ROLE,
            registered_as=f"{NAME}:{number}",
            derivations=("registry",),
            observed_at=context.observed_at or fields.time(row, "person_last_updated"),
        )
        yield person
        for account, handle in _accounts(row).items():
            # Without the name: parties let several candidates use one account.
            yield replace(person, target_id=account, platform=account.partition(":")[0], handle=handle, name=None)


def _accounts(row: Mapping[str, Any]) -> dict[str, str | None]:
    """List the accounts that the row names, with their handles; what names none (a site of one's own) is passed over.

    Where the platform's own id is known in the handle's place, there is no handle.
    """
    found: dict[str, str | None] = {}
    for column, platform in _ACCOUNTS.items():
        written = fields.text(row, column) or ""
        if platform and _BARE[platform].fullmatch(written):
            handle = written.removeprefix("@")
            found[account_key(platform, handle)] = None if handle.startswith("did:") else handle
        elif account := account_of(written):
            handle = account.split(":", 2)[2]
            found.setdefault(account, None if _NATIVE_ID.fullmatch(handle) else handle)
    return found
