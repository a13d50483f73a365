"""Reads the abuse reports of the admin API of Misskey and of its forks (Sharkey, Firefish …)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.misskey.reports import report_rows

_REPORTS = "export the reports with /api/admin/abuse-user-reports"
_UNKNOWN = Refusal("not an answer of Misskey's admin API about abuse reports")
_LOG = Refusal(f"Misskey's moderation log, in which remote accounts bear no address; {_REPORTS}")
_USERS = Refusal(f"Misskey's list of users, whether reported or not; {_REPORTS}")


class MisskeyAdapter:
    """Reads Misskey's reports: one answer, several, or one report a line."""

    name = "misskey"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is not an answer about reports."""
        if head.format == "json_object":
            keys = dict.fromkeys(head.top_keys)
        elif head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            keys = dict.fromkeys(head.first)
        else:
            return _UNKNOWN
        if _is_report(keys):
            return Layout(head.format, "report")
        if {"type", "info", "userId", "createdAt"} <= keys.keys():
            return _LOG
        return _USERS if {"username", "host", "isSuspended"} <= keys.keys() else _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the reports as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one report holds."""
        if not _is_report(record.value):
            raise RejectedRecord("not a report of Misskey")
        yield from report_rows(record.value, context)


def _is_report(record: Mapping[str, Any]) -> bool:
    keys = record.keys()
    return {"targetUserId", "comment"} <= keys and bool(keys & {"reporterId", "targetUser", "resolved"})
