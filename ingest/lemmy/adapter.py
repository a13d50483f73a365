"""Reads what moderators get of Lemmy's API: lists of reports and the modlog, in versions 3 and 4."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.lemmy import modlog
from ingest.lemmy.modlog import modlog_rows
from ingest.lemmy.reports import KINDS, kind_of, report_rows

_REPORT_LISTS = tuple(f"{kind}_reports" for kind in KINDS)
#: Every list of records that a page may hold; ``items`` is version 4's name for any.
_LISTS = (*_REPORT_LISTS, *modlog.LISTS, "items")
#: The answer to the closing of one report holds it under this name.
_ANSWERS = tuple(f"{kind}_report_view" for kind in KINDS)
_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "report": report_rows,
    "modlog_entry": modlog_rows,
}
_UNKNOWN = Refusal("not a list of Lemmy's reports, and not its modlog")
_UNREPORTED = Refusal(
    "posts or comments of Lemmy without reports; export /api/v3/post/report/list, /api/v3/comment/report/list or "
    "/api/v4/report/list instead"
)


class LemmyAdapter:
    """Reads Lemmy's reports and modlog: pages, arrays of pages or of records, or one of either a line."""

    name = "lemmy"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Lemmy's."""
        if head.format == "json_object":
            return _document(head)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            shape = _shape(head.first) or _shape_of_page(head.first)
            if shape:
                return Layout(head.format, shape)
            return _UNREPORTED if _is_unreported(head.first) else _UNKNOWN
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records, out of their pages."""
        if layout.path:
            return read_layout(stream, layout)
        return read_pages(stream, layout, _split)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is, so that mixed files can be read."""
        value: Mapping[str, Any] = record.value
        answer = next((name for name in _ANSWERS if name in value), None)
        if answer:
            value = fields.required_mapping(value, answer)
        shape = _shape(value)
        if shape is None:
            raise RejectedRecord("neither a report nor an entry of the modlog of Lemmy")
        yield from _ROWS[shape](value, context)


def _document(head: Head) -> Layout | Refusal:
    keys = frozenset(head.top_keys)
    if shape := _shape_of_keys(keys):
        return Layout("json_object", shape)
    firsts = {name: head.arrays[name] for name in _LISTS if name in head.arrays}
    if shape := _shape_of_lists(firsts, keys):
        return Layout("json_object", shape, "|".join(_LISTS))
    found = (head.arrays.get(name) for name in ("posts", "comments"))
    return _UNREPORTED if any(isinstance(view, Mapping) and _is_unreported(view) for view in found) else _UNKNOWN


def _shape(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys: of a report the things, of an entry the action and whom it names."""
    if kind_of(record) or any(name in record for name in _ANSWERS):
        return "report"
    path = modlog.action_path(record)
    if path == "modlog":
        return "modlog_entry"
    inner = record[path] if path else {}
    return "modlog_entry" if "id" in inner and inner.keys() & {"mod_person_id", "admin_person_id", "when_"} else None


def _shape_of_keys(keys: frozenset[str]) -> str | None:
    """Tell what a document is of which only the keys are known: one record by itself."""
    if any(f"{kind}_report" in keys and kind in keys for kind in KINDS) or keys & set(_ANSWERS):
        return "report"
    one_action = any(key.startswith(("mod_", "admin_")) for key in keys)
    about = keys & {"moderator", "admin", "banned_person", "other_person", "modded_person"}
    whole = "modlog" in keys and any(key.startswith("target_") for key in keys)
    return "modlog_entry" if whole or (one_action and about) else None


def _shape_of_page(page: Mapping[str, Any]) -> str | None:
    lists = {name: page[name] for name in _LISTS if isinstance(page.get(name), list)}
    firsts = {name: next((item for item in found if item is not None), None) for name, found in lists.items()}
    return _shape_of_lists(firsts, frozenset(page))


def _shape_of_lists(firsts: Mapping[str, Any], keys: frozenset[str]) -> str | None:
    """Tell what a page holds from the first record of each list; empty lists are known by their names."""
    shapes = [shape for first in firsts.values() if isinstance(first, Mapping) and (shape := _shape(first))]
    if shapes:
        return "report" if "report" in shapes else "modlog_entry"
    if any(first is not None for first in firsts.values()):
        return None
    if keys & set(_REPORT_LISTS):
        return "report"
    return "modlog_entry" if len(keys & set(modlog.LISTS)) >= 3 else None


def _is_unreported(view: Mapping[str, Any]) -> bool:
    return {"creator", "community"} <= view.keys() and bool(view.keys() & {"post", "comment"}) and "counts" in view


def _split(page: dict[str, Any]) -> Iterator[object]:
    """Give the records of a page; what is no page is a record itself."""
    lists = [name for name in _LISTS if name in page]
    if not lists:
        yield page
    for name in lists:
        found = page[name]
        if found is None:
            continue
        if not isinstance(found, list):
            raise RejectedRecord(f"the field {name!r} should be a list, not {type(found).__name__}")
        yield from found
