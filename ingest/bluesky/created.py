"""What ``com.atproto.moderation.createReport`` was sent and answered → the report, as its event would give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.model import Row
from ingest.bluesky.events import event_rows

_EVENT = "tools.ozone.moderation.defs#modEventReport"


def created_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the report; its number stands in the answer only, and is that of its event."""
    answer = record if "reasonType" in record else fields.required_mapping(record, "response")
    sent = fields.mapping(record, "request")
    event = {
        "$type": _EVENT,
        "reportType": fields.text(answer, "reasonType") or fields.text(sent, "reasonType"),
        "comment": fields.text(answer, "reason") or fields.text(sent, "reason"),
    }
    yield from event_rows(
        {
            "id": fields.required_text(answer, "id"),
            "event": event,
            "subject": fields.mapping(answer, "subject") or fields.mapping(sent, "subject"),
            "createdBy": fields.text(answer, "reportedBy"),
            "createdAt": fields.text(answer, "createdAt"),
        },
        context,
    )
