"""Reads Harassment Manager's CSV: one tweet a row, and in its first column, downwards, what they have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Gate, IdKind, Report, Row, SourceKind, Specificity, Target
from graphmatch.normalise.categories import Category, category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_local, from_x_id
from graphmatch.profile import profile_rows
from graphmatch.readers import read_layout

NAME = "harassment_manager"
PLATFORM = "x"
_COLUMNS = ("Report Summary", "Comment", "Author", "Tweet ID", "Tweet URL")
_SUMMARY = _COLUMNS[0]
#: What the side table says, by the words that each of its lines begins with.
_LINES = ("Directed at", "Created on", "Total comments", "Reported due to", "Context")
#: The side table has five lines; some more are looked at, in case blank ones stand between.
_LOOK_AHEAD = 10
#: The tool's fixed reasons. One holds commas, so they are looked for and never split.
_REASONS = (
    "Specific violent threats involving physical safety or well-being",
    "Directs hate against a protected category (for example, race, religion, gender, orientation, or disability)",
    "Exposed private information or photo",
    "Harassment",
    "Spam",
)
_STATUS = re.compile(r"/status(?:es)?/(\d{1,20})")
_DIGITS = re.compile(r"\d{1,20}")
_HANDLE = re.compile(r"@?([A-Za-z0-9_]{1,50})")


class HarassmentManagerAdapter:
    """Reads the CSV of Jigsaw's Harassment Manager and of TRFilter, which was built on it."""

    name = NAME

    def __init__(self, options: Options) -> None:
        self._zone = options.timezone

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is no Harassment Manager report."""
        if head.format != "csv":
            return Refusal("not a CSV, which is all that Harassment Manager writes")
        missing = [column for column in _COLUMNS if column not in head.columns]
        if missing:
            return Refusal(f"no Harassment Manager report: it has no column {missing[0]!r}")
        return Layout("csv", "tweet")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the tweets, each with the side table's lines beside its own cells."""
        records = read_layout(stream, layout)
        first = list(islice(records, _LOOK_AHEAD))
        common = _side_table(first)
        for record in chain(first, records):
            if isinstance(record, Unreadable):
                yield record
            elif any(cell for column, cell in record.value.items() if column and column != _SUMMARY):
                yield RawRecord(record.line, {**record.value, **common})

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one reported tweet holds. The target is the reporter: the report is their own."""
        raw = record.value
        created = _day(raw, "Created on", self._zone)
        reported_at = created[0] if created else None
        tweet = _tweet_id(raw)
        posted = from_x_id(tweet) or next(iter(_day(raw, "Time Posted", self._zone) or ()), None)
        seen = context.observed_at or reported_at or posted
        handle = _handle(raw, "Directed at")
        target = Target(
            f"{PLATFORM}:{PLATFORM}:{handle.lower()}", PLATFORM, handle, derivations=("file_header",), observed_at=seen
        )
        account = _account(_handle(raw, "Author"), seen)
        # The id holds a digest in the target's place: report ids travel further than targets may.
        of_file = context.keyring.digest("report", f"{NAME}:{target.target_id}:{raw.get('Created on')}")[:12]
        report_id = f"{NAME}:{of_file}:{tweet}"
        comment = fields.text(raw, "Comment")
        content = Content(
            content_id=f"{PLATFORM}:{tweet}",
            platform=PLATFORM,
            account_id=account.account_id,
            text=redact(comment) if comment else None,
            url=_address(raw, account, tweet),
            created_at=posted,
            observed_at=seen,
            target_ids=(target.target_id,),
        )
        yield from profile_rows(account, source=context.source, report_id=report_id, keyring=context.keyring)
        yield target
        yield content
        reasons, mapped = _reasons(fields.text(raw, "Reported due to") or "")
        background = fields.text(raw, "Context")
        yield Report(
            report_id=report_id,
            source=context.source,
            source_kind=SourceKind.INTAKE,
            platform=PLATFORM,
            account_id=account.account_id,
            category_raw=reasons,
            category_reported=mapped.leaf,
            specificity=mapped.specificity,
            gate=mapped.gate,
            reported_at=reported_at,
            observed_at=seen,
            reporter_ref=context.keyring.reporter(PLATFORM, handle.lower()),
            reporter_is_target=True,
            text=redact(background) if background else None,
            content_ids=(content.content_id,),
            target_ids=(target.target_id,),
        )


def _side_table(records: list[RawRecord | Unreadable]) -> dict[str, str]:
    found: dict[str, str] = {}
    for record in records:
        cell = record.value.get(_SUMMARY) if isinstance(record, RawRecord) else None
        name, colon, words = str(cell or "").strip().partition(":")
        if colon and name.strip() in _LINES:
            found.setdefault(name.strip(), words.strip())
    return found


def _reasons(words: str) -> tuple[str | None, Category]:
    """Give all reasons, and the category of the one that is furthest past the line.

    They are said of the file as a whole, not of this tweet, so they say no more than ``coarse`` and the gate stays
    at most ``terms``: one threat among the tweets must not make the others one.
    """
    found = [reason for reason in _REASONS if reason in words]
    found.sort(key=words.index)
    mapped = [category(NAME, reason) for reason in found] or [category(NAME, None)]
    order = list(Gate)
    first = max(mapped, key=lambda one: order.index(one.gate))
    specificity = Specificity.COARSE if found else Specificity.NONE
    capped = Gate.TERMS if order.index(first.gate) > order.index(Gate.TERMS) else first.gate
    return "; ".join(found) or None, Category(first.leaf, specificity, capped)


def _tweet_id(raw: Mapping[str, Any]) -> str:
    """Give the tweet's number, from its address if a spreadsheet has rounded it."""
    written = fields.text(raw, "Tweet ID")
    if written and _DIGITS.fullmatch(written):
        return written
    in_address = _STATUS.search(fields.text(raw, "Tweet URL") or "")
    if in_address:
        return in_address[1]
    raise RejectedRecord(
        "the field 'Tweet ID' holds no whole number (a spreadsheet may have rounded it), nor does 'Tweet URL'"
    )


def _handle(raw: Mapping[str, Any], path: str) -> str:
    match = _HANDLE.fullmatch(fields.required_text(raw, path))
    if not match:
        raise RejectedRecord(f"the field {path!r} is not a handle of X")
    return match[1]


def _account(handle: str, seen: Any) -> Account:
    native = f"@{handle.lower()}"
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.HANDLE_ONLY,
        observed_at=seen,
        handle=handle,
        url=f"https://x.com/{handle}",
    )


def _address(raw: Mapping[str, Any], account: Account, tweet: str) -> str:
    written = fields.text(raw, "Tweet URL")
    return redact(written.replace("%40", "@")) if written else f"{account.url}/status/{tweet}"


def _day(raw: Mapping[str, Any], path: str, zone: str) -> tuple[Any, ...] | None:
    written = fields.text(raw, path)
    if written is None:
        return None
    found = from_local(written, zone)
    if found is None:
        raise RejectedRecord(f"the field {path!r} is not a date")
    return found
