"""Reads Coop's bodies: reports, action callbacks, appeals and the decisions on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.coop.callbacks import action_rows, appeal_rows, decision_rows
from ingest.coop.reports import report_rows
from ingest.coop.tenant import Tenant, load_tenant

_ROWS: dict[str, Callable[[Mapping[str, Any], Context, Tenant], Iterator[Row]]] = {
    "report": report_rows,
    "action": action_rows,
    "appeal": appeal_rows,
    "appeal_decision": decision_rows,
}
_NOT_COOP = Refusal("not a body that Coop is sent or sends: no report, action callback or appeal")
_ITEMS = Refusal(
    "items that were submitted to Coop's rules, which nobody reported; export the bodies of /api/v1/report"
)


class CoopAdapter:
    """Reads the bodies of Coop's web hooks, one a line, in an array, or one alone."""

    name = "coop"

    def __init__(self, options: Options) -> None:
        self._tenant = load_tenant(options)

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Coop's."""
        if head.format == "json_object":
            shape = _shape(head.top_keys)
            if shape:
                return Layout("json_object", shape)
            return _ITEMS if _is_item(head.arrays.get("items")) else _NOT_COOP
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _NOT_COOP
        shape = _shape(head.first)
        if shape and _is_item(head.first.get(_ITEM_OF[shape])):
            return Layout(head.format, shape)
        return _NOT_COOP

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the bodies as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one body holds; its own keys tell what it is, so that a log of all of them can be read."""
        shape = _shape(record.value)
        if shape is None:
            raise RejectedRecord("neither a report, an action callback nor an appeal of Coop")
        yield from _ROWS[shape](record.value, context, self._tenant)


#: Where the item stands that a body is about.
_ITEM_OF = {"report": "reportedItem", "action": "item", "appeal": "actionedItem", "appeal_decision": "item"}


def _shape(keys: Iterable[str]) -> str | None:
    """Tell what a body is from its keys, which no two of the four share."""
    known = frozenset(keys)
    if "reportedItem" in known and known & {"reporter", "reportedAt", "reportedForReason"}:
        return "report"
    if {"appealDecision", "item"} <= known:
        return "appeal_decision"
    if {"actionedItem", "appealId"} <= known:
        return "appeal"
    return "action" if {"item", "action"} <= known and known & {"policies", "rules", "custom", "creator"} else None


def _is_item(value: object) -> bool:
    return isinstance(value, Mapping) and {"id", "typeId"} <= value.keys()
