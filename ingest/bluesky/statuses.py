"""What Ozone knows of a subject (``subjectStatusView``) → the account with its state, and the record.

A status says that something is taken down, not when: it is no enforcement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut
from graphmatch.model import Row
from graphmatch.normalise.times import latest
from ingest.bluesky.accounts import account_rows, content_stub, plain_account, state_in, subject_of


def status_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Say what one status holds; a conversation's is left out."""
    did, uri = subject_of(fields.required_mapping(record, "subject"))
    if did is None:
        raise LeftOut("the status of a conversation, which names no account")
    times = (fields.time(record, name) for name in ("updatedAt", "lastReviewedAt", "createdAt"))
    seen = context.observed_at or latest(*times)
    handle = fields.text(record, "subjectRepoHandle")
    yield from account_rows(plain_account(did, handle, seen, state_in(record)), {}, context, None)
    if uri:
        yield content_stub(uri, seen)
