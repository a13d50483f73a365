"""Reads mySociety's lists of parliamentarians' accounts: one Target for each account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row, Target
from graphmatch.normalise.links import account_key, account_of
from graphmatch.readers import read_layout

_ROLE = "office holder"
_ELEMENT = "personinfo"
_OURS = re.compile(r"<(?:\w+:)?publicwhip[\s>/].*<(?:\w+:)?personinfo\s", re.DOTALL)
_NOT_OURS = Refusal("not parlparse's list of persons (a publicwhip document of personinfo elements)")
_PREFIX = "uk.org.publicwhip/person/"

#: Attributes that name accounts: by a handle of the platform that stands here, or by an address.
_ATTRIBUTES: dict[str, str | None] = {"twitter_username": "x", "bluesky_handle": "bluesky", "facebook_page": None}
_BARE = re.compile(r"@?\w[\w.-]{0,99}")
_NATIVE_ID = re.compile(r"did:.+|\d+")


class ParlparseAdapter:
    """Reads ``social-media-*.xml``. A person may have several elements, and stays one person."""

    name = "parlparse"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of parlparse's lists of persons."""
        if head.format == "xml" and _OURS.search(head.text):
            return Layout("xml", "personinfo", _ELEMENT)
        return _NOT_OURS

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the elements' attributes."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Give one person's accounts; an element that names none is left out."""
        person = record.value
        number = fields.required_text(person, "id").removeprefix(_PREFIX)
        if len(number.split()) != 1:
            raise RejectedRecord("the attribute 'id' holds no number")
        accounts = _accounts(person)
        if not accounts:
            raise LeftOut("a person of whom no account is named")
        for account, handle in accounts.items():
            yield Target(
                target_id=account,
                platform=account.partition(":")[0],
                handle=handle,
                role=_ROLE,
                registered_as=f"publicwhip:{number}",
                derivations=("registry",),
                observed_at=context.observed_at,
            )


def _accounts(person: Mapping[str, Any]) -> dict[str, str | None]:
    """List the accounts that the attributes name, with their handles; a page known by its number has none."""
    found: dict[str, str | None] = {}
    for attribute, platform in _ATTRIBUTES.items():
        written = fields.text(person, attribute) or ""
        if platform and _BARE.fullmatch(written):
            handle = written.removeprefix("@")
            found[account_key(platform, handle)] = handle
        elif account := account_of(written):
            handle = account.split(":", 2)[2]
            found.setdefault(account, None if _NATIVE_ID.fullmatch(handle) else handle)
    return found
