"""A message's words, as one text or as a list of parts → the text that is kept, and whom it names.

Contact values that Telegram has marked as such (a phone number, an e-mail address, a card) never come through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmatch import fields
from graphmatch.errors import RejectedRecord
from graphmatch.normalise.text import encodable, redact

Record = Mapping[str, Any]

_MARKED = {"email": "[email]", "phone": "[phone]", "bank_card": "[card]"}


@dataclass(slots=True)
class Words:
    """What a message says. ``mentions``: handle or native id → the handle, if it has one."""

    text: str = ""
    mentions: dict[str, str | None] = field(default_factory=dict)


def words_of(message: Record) -> Words:
    """Read a message's text, whichever way it is written; a poll says its question."""
    found = message.get("text")
    if found is None or found == "":
        found = message.get("text_entities")
    words = Words()
    parts = [*_parts(found), *_parts(fields.value(message, "poll.question"))]
    words.text = redact("".join(_said(part, words) for part in parts)).strip()
    for entity in fields.items(message, "text_entities"):
        _note_mention(entity, words)
    return words


def _parts(value: object) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _said(part: Any, words: Words) -> str:
    """Give what one part says; a link under other words is written out behind them."""
    if isinstance(part, str):
        return encodable(part)
    if not isinstance(part, Mapping):
        raise RejectedRecord(f"the field 'text' should hold text and objects, not {type(part).__name__}")
    kind = fields.text(part, "type")
    if kind in _MARKED:
        return _MARKED[kind]
    _note_mention(part, words)
    # Spaces count here: parts stand next to each other.
    said = fields.value(part, "text")
    if said is not None and not isinstance(said, str):
        raise RejectedRecord(f"the field 'text[].text' should be text, not {type(said).__name__}")
    said, address = encodable(said or ""), fields.text(part, "href")
    return f"{said} ({address})" if address and address.rstrip("/") != said.rstrip("/") else said


def _note_mention(part: Record, words: Words) -> None:
    """Note whom a part names: by a handle, or, where that account has none, by its id."""
    kind = fields.text(part, "type")
    if kind == "mention" and (handle := (fields.text(part, "text") or "").removeprefix("@").strip()):
        words.mentions.setdefault(handle.lower(), handle)
    elif kind == "mention_name" and (native := fields.integer(part, "user_id")) and native > 0:
        words.mentions.setdefault(f"user{native}", None)
