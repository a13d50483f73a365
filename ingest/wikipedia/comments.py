"""A comment of the Detox corpus → its text. The annotated files name no user; the whole corpus does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut
from graphmatch.model import Account, Content, Row
from graphmatch.normalise.text import redact
from graphmatch.profile import profile_rows
from ingest.wikipedia.accounts import PLATFORM, account, user_name

_TOKENS = {"NEWLINE_TOKEN": "\n", "TAB_TOKEN": "\t"}


def comment_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give a comment, and its author where the corpus names one. Of its time only the year is known: none."""
    number = _number(fields.required_text(record, "rev_id"))
    text = fields.text(record, "comment") or ""
    for token, stands_for in _TOKENS.items():
        text = text.replace(token, stands_for)
    author = _author(record, context)
    if author:
        yield from profile_rows(author, source=context.source, keyring=context.keyring)
    yield Content(
        content_id=f"{PLATFORM}:rev:{number}",
        platform=PLATFORM,
        account_id=author.account_id if author else None,
        text=redact(text.strip()) or None,
        observed_at=context.observed_at,
    )


def _number(written: str) -> str:
    """Write a revision's number without the ``.0`` that spreadsheets and data frames leave."""
    return written.removesuffix(".0")


def _author(record: Mapping[str, Any], context: Context) -> Account | None:
    name = fields.text(record, "user_text")
    try:
        return account(user_name(name), context.observed_at) if name else None
    except LeftOut:
        return None  # somebody without an account: the comment stays
