"""Reads what Mastodon's admin API exports: reports, account warnings and canonical e-mail blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
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
_ACCOUNTS = Refusal(
    "a list of Mastodon accounts, whether reported or not; export the admin API's reports (/api/v1/admin/reports)"
)
_DOMAINS = Refusal("Mastodon's blocks of whole servers, which name no account and no report", known=True)
_MAIL_HOSTS = Refusal("Mastodon's blocks of e-mail providers, which name no account", known=True)
_ADDRESSES = Refusal("Mastodon's blocks of IP addresses, which name no account", known=True)
_RULES = Refusal("the rules of a Mastodon server, which name no account and no report", known=True)
#: What else the admin API gives, by the keys of its records: the first that are all there tell.
_OTHER_LISTS = (
    ({"domain", "severity"}, _DOMAINS),
    ({"domain", "digest"}, _DOMAINS),
    ({"ip", "severity"}, _ADDRESSES),
    ({"domain", "history"}, _MAIL_HOSTS),
    ({"id", "text", "hint"}, _RULES),
    ({"username", "domain", "confirmed", "account"}, _ACCOUNTS),
)
_SHOWN_TO_REPORTERS = {"action_taken", "target_account", "category"}
_ALLOWED = {"id", "domain", "created_at"}
_HOST = re.compile(r"(?:[a-z0-9*-]{1,63}\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


class MastodonAdapter:
    """Reads Mastodon's admin exports, as one JSON array, one object, or one record a line."""

    name = "mastodon"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is not one of Mastodon's admin exports."""
        if "#domain" in head.columns or _is_list_of_hosts(head):
            return _DOMAINS
        if head.format == "json_object":
            return _layout("json_object", dict.fromkeys(head.top_keys), head.arrays)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            return _layout(head.format, head.first, head.first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand; of answers that were written down whole, those that they hold."""
        if layout.path:
            return read_pages(stream, replace(layout, path=""), lambda answer: _held(answer, layout.path))
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is, so that mixed files can be read."""
        shape = _shape(frozenset(record.value))
        if shape is None:
            raise RejectedRecord("neither a report, an account warning nor an e-mail block of Mastodon")
        yield from _ROWS[shape](record.value, context)


def _layout(fmt: Format, keys: Mapping[str, Any], inner: Mapping[str, Any]) -> Layout | Refusal:
    """Tell a file by its first record, or by an object's keys; ``inner`` is what stands under them, as far as seen."""
    shape = _shape(frozenset(keys))
    if (shape == "report" and not _is_admin(keys)) or (shape is None and keys.keys() >= _SHOWN_TO_REPORTERS):
        return _PUBLIC_REPORT
    if shape is not None:
        return Layout(fmt, shape)
    for name in keys:
        if shape := _shape(frozenset(_first_of(inner.get(name)))):
            return Layout(fmt, shape, name)
    return Layout(fmt, "report", "json") if _is_blank_answer(inner) else _other_list(keys)


def _other_list(keys: Mapping[str, Any]) -> Refusal:
    """Say what else of Mastodon's a record is of. One of a server that is allowed has three keys and no more."""
    if keys.keys() == _ALLOWED:
        return _DOMAINS
    return next((why for known, why in _OTHER_LISTS if known <= keys.keys()), _UNKNOWN)


def _first_of(held: object) -> Mapping[str, Any]:
    """Give the record that an answer begins with: one alone, or the first of a list."""
    first = held[0] if isinstance(held, list) and held else held
    return first if isinstance(first, Mapping) else {}


def _is_blank_answer(answer: Mapping[str, Any]) -> bool:
    """Tell an answer without reports that was written down with its request."""
    request = answer.get("request")
    address = request.get("uri") if isinstance(request, Mapping) else None
    return "json" in answer and isinstance(address, str) and "/api/v1/admin/reports" in address


def _held(answer: Mapping[str, Any], name: str) -> list[object]:
    """Give the records of an answer that was written down with its request; an answer may be blank."""
    held = answer.get(name)
    if isinstance(held, list):
        return held
    return [] if held is None else [held]


def _is_list_of_hosts(head: Head) -> bool:
    """Tell the older export of blocked servers: one host a line, and nothing else."""
    if head.format != "csv" or len(head.columns) != 1:
        return False
    lines = head.text.split("\n")[:-1] or [head.text]
    return all(_HOST.fullmatch(line.strip()) for line in lines if line.strip())


def _shape(keys: frozenset[str]) -> str | None:
    """Tell what a record is from its keys, which no two of the three share."""
    if {"action_taken", "target_account"} <= keys and keys & {"account", "statuses", "assigned_account"}:
        return "report"
    if {"action", "target_account", "status_ids"} <= keys:
        return "account_warning"
    return "email_block" if "canonical_email_hash" in keys else None


def _is_admin(report: Mapping[str, Any]) -> bool:
    target = report["target_account"]
    return not isinstance(target, Mapping) or "account" in target
