"""Reads what Mastodon's admin API exports: reports, account warnings and canonical e-mail blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.mastodon.records import block_rows, warning_rows
from ingest.mastodon.reports import report_rows

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "report": report_rows,
    "account_warning": warning_rows,
    "email_block": block_rows,
}
_UNKNOWN = Refusal("not a Mastodon export of admin reports, account warnings or canonical e-mail blocks")
_PUBLIC_REPORT = Refusal(
    "a report as Mastodon shows it to the reporter; export it from the admin API (/api/v1/admin/reports)"
)
_DOMAINS = Refusal("Mastodon's domain blocks are about whole servers; they hold no account and no report")
_ACTIVITY = Refusal("an ActivityPub activity between servers; export the admin API's reports instead")


class MastodonAdapter:
    """Reads Mastodon's admin exports, as one JSON array, one object, or one record a line."""

    name = "mastodon"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is not one of Mastodon's admin exports."""
        if "#domain" in head.columns:
            return _DOMAINS
        if head.format == "json_object":
            return _layout("json_object", frozenset(head.top_keys), None)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            return _layout(head.format, frozenset(head.first), head.first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is, so that mixed files can be read."""
        shape = _shape(frozenset(record.value))
        if shape is None:
            raise RejectedRecord("neither a report, an account warning nor an e-mail block of Mastodon")
        yield from _ROWS[shape](record.value, context)


def _layout(fmt: Format, keys: frozenset[str], first: Mapping[str, Any] | None) -> Layout | Refusal:
    shape = _shape(keys)
    if shape == "report" and first is not None and not _is_admin(first):
        return _PUBLIC_REPORT
    if shape is not None:
        return Layout(fmt, shape)
    if {"action_taken", "target_account", "category"} <= keys:
        return _PUBLIC_REPORT
    if wrapped := _wrapped(first or {}):
        return wrapped
    return _ACTIVITY if {"type", "actor", "object"} <= keys else _UNKNOWN


def _wrapped(first: Mapping[str, Any]) -> Refusal | None:
    """Say how to unwrap answers that were written down whole, with the request beside the records."""
    for name, inner in first.items():
        record = inner[0] if isinstance(inner, list) and inner else None
        if isinstance(record, Mapping) and _shape(frozenset(record)) and name.isidentifier():
            return Refusal(
                f"Mastodon's records stand inside each element, under {name!r}; write them alone: jq '[.[].{name}[]]'"
            )
    return None


def _shape(keys: frozenset[str]) -> str | None:
    """Tell what a record is from its keys, which no two of the three share."""
    if {"action_taken", "target_account"} <= keys and keys & {"account", "statuses", "assigned_account"}:
        return "report"
    if {"action", "target_account", "status_ids"} <= keys:
        return "account_warning"
    return "email_block" if "canonical_email_hash" in keys else None


def _is_admin(report: Mapping[str, Any]) -> bool:
    target = report.get("target_account")
    return not isinstance(target, Mapping) or "account" in target
