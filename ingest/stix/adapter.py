"""Reads STIX 2.1 (and 2.0) bundles, TAXII envelopes, and bare objects: what organisations tell each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.allegations import aimed_at
from graphmatch.errors import LeftOut
from graphmatch.model import Row
from ingest.stix.accounts import subject_of, subject_rows
from ingest.stix.named import targeted_in
from ingest.stix.objects import read_objects
from ingest.stix.observations import email_rows, observed_rows
from ingest.stix.relationships import relationship_rows
from ingest.stix.statements import statement_rows

Record = Mapping[str, Any]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,250}--[0-9a-fA-F-]{36}")
_ID_IN_TEXT = re.compile(r'"id"\s*:\s*"[a-z0-9][a-z0-9-]{0,250}--[0-9a-fA-F-]{36}"')
_NOT_STIX = Refusal("not a STIX 2 bundle, TAXII envelope, or list of STIX objects")
_EMPTY = Refusal("a STIX bundle or TAXII envelope without objects", known=True)
_MANIFEST = Refusal("a TAXII manifest: the ids of objects, without the objects", known=True)

#: Types that hold no account → what they are.
_ADDRESS = "an address by itself: relationships say whose it is"
_NO_ACCOUNT = {
    "url": _ADDRESS,
    "domain-name": _ADDRESS,
    "ipv4-addr": _ADDRESS,
    "ipv6-addr": _ADDRESS,
    "phone-number": "a phone number by itself: relationships say whose it is",
    "bundle": "a bundle inside another list: write its objects alone",
    "marking-definition": "a marking: how other objects may be shared",
    "extension-definition": "the definition of an extension",
    "language-content": "a translation",
    "identity": "an identity: an organisation or a person, and no account",
    "indicator": "a pattern to look for, not an account that was seen",
    "threat-actor": "a threat actor: only accounts are read, never who is said to be behind them",
    "intrusion-set": "a threat actor: only accounts are read, never who is said to be behind them",
    "campaign": "a campaign, which is no account",
    "incident": "an incident, which is no account",
}


class StixAdapter:
    """Reads STIX objects about accounts, from a bundle, a TAXII envelope, an array or one a line."""

    name = "stix"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it holds no STIX objects."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _NOT_STIX
        objects, fmt = head.first.get("objects"), head.format
        is_bundle = head.first.get("type") == "bundle"
        if is_bundle and not objects and fmt == "ndjson" and "\n" not in head.text.strip():
            return _EMPTY
        if is_bundle or (isinstance(objects, list) and _is_object(next(iter(objects), None))):
            # Bundles one after another are read as one document after another.
            return Layout("json_array" if fmt == "json_array" else "json_object", "object", "objects")
        return Layout(fmt, "object") if _is_object(head.first) else _NOT_STIX

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the objects, each with those that it names."""
        return read_objects(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one object holds."""
        found = fields.required_mapping(record.value, "object")
        kind = fields.required_text(found, "type")
        if fields.flag(record.value, "superseded"):
            raise LeftOut("an earlier version of an object that stands here again")
        rows = _ROWS.get(kind)
        if rows is None:
            raise LeftOut(_NO_ACCOUNT.get(kind, "an object of a type that holds no account"))
        yield from rows(record.value, context)


def account_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the account that a ``user-account`` means."""
    found = fields.required_mapping(record, "object")
    if fields.flag(found, "revoked"):
        raise LeftOut("an account that its author has taken back")
    subject = subject_of(found, None, context)
    if fields.text(found, "id") in targeted_in(record):
        yield aimed_at(subject.account)
    else:
        yield from subject_rows(subject, context)


_ROWS: dict[str, Callable[[Record, Context], Iterator[Row]]] = {
    "user-account": account_rows,
    "relationship": relationship_rows,
    "note": statement_rows,
    "report": statement_rows,
    "grouping": statement_rows,
    "opinion": statement_rows,
    "sighting": statement_rows,
    "observed-data": observed_rows,
    "email-addr": email_rows,
}


def _document(head: Head) -> Layout | Refusal:
    if "objects" in head.arrays:
        first = head.arrays["objects"]
        if _is_object(first):
            return Layout("json_object", "object", "objects")
        if isinstance(first, Mapping) and {"id", "date_added", "version"} <= first.keys():
            return _MANIFEST
        if first is None and ('"bundle--' in head.text or "more" in head.top_keys):
            return (
                _EMPTY
                if re.search(r'"objects"\s*:\s*\[\s*\]', head.text)
                else Layout("json_object", "object", "objects")
            )
        return _NOT_STIX
    if {"type", "id"} <= set(head.top_keys) and _ID_IN_TEXT.search(head.text):
        return _EMPTY if '"bundle--' in head.text else Layout("json_object", "object")
    return _EMPTY if set(head.top_keys) == {"more"} else _NOT_STIX


def _is_object(value: object) -> bool:
    """Tell whether a value is an object of STIX 2: its id begins with its type."""
    if not isinstance(value, Mapping):
        return False
    name, kind = value.get("id"), value.get("type")
    return isinstance(name, str) and _ID.fullmatch(name) is not None and kind == name.partition("--")[0]
