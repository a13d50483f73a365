"""A row of the CSV of Ozone's workspace → the account or post that a moderator put there.

Ozone leaves out the cells that it has nothing for, so that cells stand under other columns than their own. They are
told by what they hold; what can't be told so (names, labels) is not read.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Content, Row
from graphmatch.normalise.text import blank_to_none, redact
from graphmatch.normalise.times import from_iso
from graphmatch.profile import Seen, profile_rows
from ingest.bluesky.accounts import content_stub, did_in, plain_account

_HANDLE = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z][A-Za-z0-9-]{1,62}")
_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[\w-]{1,63}\.){1,6}\w{2,24}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}")
#: A post's row ends with its time, text, languages and embedded media; with fewer cells one of them is left out.
_AFTER_TIME = 3


def workspace_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the account, with the signals that can be told, and the post if the row is one's."""
    cells = _cells(record)
    subject = next((cell for cell in cells if cell.startswith("at://") and did_in(cell)), None)
    did = did_in(subject) or next((found for cell in cells if (found := did_in(cell))), None)
    if did is None:
        raise RejectedRecord("no cell of the row holds a DID")
    uri = subject if subject and subject.count("/") > 2 else None
    yield from profile_rows(
        plain_account(did, _handle(cells), context.observed_at),
        source=context.source,
        keyring=context.keyring,
        emails=[Seen(cell, context="registration") for cell in cells if _EMAIL.fullmatch(cell)][:1],
        ips=[cell for cell in cells if _is_address(cell)][:1],
    )
    if uri:
        yield _post(uri, cells, context)


def _cells(record: Mapping[str, Any]) -> list[str]:
    """Give the row as it stood: without the columns' names, and without those that it has no cells for."""
    written: list[Any] = []
    for cell in record.values():
        written += cell if isinstance(cell, list) else [cell]
    return [blank_to_none(cell) or "" for cell in written if cell is not None]


def _handle(cells: list[str]) -> str | None:
    """Find the handle: it follows the account's and the post's own ids, before anything that could look like one."""
    after = next((cell for cell in cells if cell and not did_in(cell)), "")
    return after if _HANDLE.fullmatch(after) else None


def _is_address(cell: str) -> bool:
    try:
        ipaddress.ip_address(cell)
    except ValueError:
        return False
    return True


def _post(uri: str, cells: list[str], context: Context) -> Content:
    stub = content_stub(uri, context.observed_at)
    place = next((place for place, cell in enumerate(cells) if _TIME.fullmatch(cell)), None)
    if place is None:
        return stub
    rest = cells[place + 1 :]
    text = rest[0] if len(rest) == _AFTER_TIME and rest[0] else None
    return replace(stub, text=redact(text) if text else None, created_at=from_iso(cells[place]) or stub.created_at)
