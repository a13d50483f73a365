"""A line of a list of suspects → the account, and the suspicion that it is another's sockpuppet.

Two shapes exist: ``{"user": …, "master": …}`` where both are names, and ``{"username": …, "master": true}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import LinkClaim, Row
from graphmatch.normalise.times import from_local
from graphmatch.profile import profile_rows
from ingest.wikipedia.accounts import PLATFORM, account, account_id, user_name

SUSPECTED = "suspected"


def suspect_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give one suspect; a list says nothing of what came of the suspicion."""
    written = fields.text(record, "user") or fields.text(record, "username")
    if written is None:
        raise RejectedRecord("the fields 'user' and 'username' are both missing")
    opened = from_local(fields.text(record, "spi_date") or "", "UTC")
    at = opened[0] if opened else None
    suspect = account(user_name(written), context.observed_at or at)
    yield from profile_rows(suspect, source=context.source, keyring=context.keyring)
    named = record.get("master")
    if not named or isinstance(named, bool):
        return
    master = user_name(fields.required_text(record, "master"))
    if account_id(master) != suspect.account_id:
        yield LinkClaim(
            claim_id=f"{PLATFORM}:spi:{master}:{suspect.handle}",
            account_id=suspect.account_id,
            claimed_handle=master,
            quote=SUSPECTED,
            claimed_platform=PLATFORM,
            asserted_at=at,
        )
