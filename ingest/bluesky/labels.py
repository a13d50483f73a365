"""A label that a labeller put on an account or a record (``com.atproto.label.defs#label``) → an enforcement.

A label that is taken off again is the same label (``neg``): the service's own takedown is restored then; of any other
label it says until when it stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Action, Enforcement, Row, Scope
from ingest.bluesky.accounts import PLATFORM, account_id, account_rows, content_stub, did_in, plain_account
from ingest.bluesky.events import label_action

Record = Mapping[str, Any]

#: Only the service that runs the network takes down by label; others' labels restore nothing when they go.
_TAKEDOWN = "!takedown"


def label_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give what is labelled, and the label."""
    uri = fields.required_text(record, "uri")
    did, labeller = did_in(uri), did_in(fields.text(record, "src"))
    if did is None:
        raise RejectedRecord("the field 'uri' names neither an account nor a record")
    if did == labeller:
        raise LeftOut("a label that an account put on itself")
    at = fields.time(record, "cts")
    seen = context.observed_at or at
    yield from account_rows(plain_account(did, None, seen), {}, context, None)
    on_record = uri != did
    if on_record:
        yield content_stub(uri, seen)
    yield _enforcement(record, context, did, uri if on_record else None, at)


def _enforcement(record: Record, context: Context, did: str, uri: str | None, at: datetime | None) -> Enforcement:
    word = fields.required_text(record, "val")
    labeller = did_in(fields.text(record, "src"))
    # A digest of its own: enforcement ids travel further than moderators' pseudonyms may.
    whose = context.keyring.digest("labeller", labeller)[:12] if labeller else "unnamed"
    enforcement_id = f"{PLATFORM}:label:{whose}:{uri or did}:{word}"
    found = label_action({word}, on_record=uri is not None)
    put_on, ends = at, fields.time(record, "exp")
    if fields.flag(record, "neg"):
        if word == _TAKEDOWN:
            found = Action.CONTENT_RESTORED if uri else Action.ACCOUNT_RESTORED
            enforcement_id = f"{enforcement_id}:off"
        else:
            put_on, ends = None, at
    return Enforcement(
        enforcement_id=enforcement_id,
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=f"label {word}",
        scope=Scope.PLATFORM,
        account_id=account_id(did),
        content_id=f"{PLATFORM}:{uri}" if uri else None,
        at_earliest=put_on,
        at_latest=put_on,
        expires_at=ends,
        policies=(word,),
        by_ref=context.keyring.reporter(PLATFORM, labeller) if labeller else None,
    )
