"""An archive of sockpuppet investigations (wikitext) → its cases: who was suspected, and what the verdict was.

Being listed is a suspicion. What came of it stands in the part for clerks and checkusers, as templates
(``{{confirmed}}``, ``{{unlikely}}``) before or behind the names that they are about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, RawRecord, Unreadable
from graphmatch.errors import LeftOut
from graphmatch.model import LinkClaim, Row
from graphmatch.normalise.times import from_local
from graphmatch.profile import profile_rows
from graphmatch.readers import values
from graphmatch.readers.encodings import as_utf8
from ingest.wikipedia.accounts import PLATFORM, account, account_id, user_name
from ingest.wikipedia.suspects import SUSPECTED
from ingest.wikipedia.verdicts import NEGATIVE, POSITIVE, names_in, verdicts_in

_LONGEST_LINE = 2**20
#: More than any real case has; what a hostile one holds beyond is not read.
_MOST_SUSPECTS, _MOST_VERDICTS = 2_000, 5_000
_NOTICE = re.compile(
    r"^[ \t]*\{\{[ \t]*SPI[ _]?archive[ _]notice[ \t]*\|[ \t]*(?:1[ \t]*=)?([^|{}]{1,255})",
    re.IGNORECASE | re.MULTILINE,
)
_CASE = re.compile(r"===([^=]{1,200})===")
_PART = re.compile(r"====([^=]{1,200})====")
_BIG = re.compile(r"</?big>", re.IGNORECASE)


def is_archive(text: str) -> bool:
    """Tell whether a file that begins with ``text`` is an archive of investigations."""
    return _NOTICE.search(text) is not None


def read_archive(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the cases of an archive, each as one record."""
    master: str | None = None
    case: _Case | None = None
    count = 0
    for line in _lines(as_utf8(stream)):
        if line is None:
            count += 1
            yield Unreadable(count, values.TOO_LONG)
        elif heading := _heading(_CASE, line):
            if case:
                count += 1
                yield RawRecord(count, case.record())
            case = _Case(master, heading)
        elif case:
            case.add(line)
        elif notice := _NOTICE.search(line):
            master = notice[1].strip()
    if case:
        yield RawRecord(count + 1, case.record())


def case_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the accounts of a case, and for each suspect the suspicion with its verdict."""
    master = user_name(fields.required_text(record, "master"))
    opened = from_local(fields.text(record, "date") or "", "UTC")
    at = opened[0] if opened else None
    said = [
        (fields.required_text(item, "verdict"), set(map(_folded, fields.texts(item, "users"))))
        for item in fields.items(record, "verdicts")
    ]
    suspects = _accounts_only(fields.texts(record, "suspects"), master)
    if not suspects:
        raise LeftOut("a case that names no account beside its master")
    for name in (master, *suspects):
        yield from profile_rows(
            account(name, context.observed_at or at), source=context.source, keyring=context.keyring
        )
    for name in suspects:
        verdicts = list(dict.fromkeys(verdict for verdict, users in said if _folded(name) in users))
        upheld = not POSITIVE.isdisjoint(verdicts) and NEGATIVE.isdisjoint(verdicts)
        yield LinkClaim(
            claim_id=f"{PLATFORM}:spi:{master}:{at.date().isoformat() if at else 'undated'}:{name}",
            account_id=account_id(name),
            claimed_handle=master,
            quote=", ".join(verdicts) or SUSPECTED,
            claimed_platform=PLATFORM,
            asserted_by="moderator" if upheld else "reporter",
            asserted_at=at,
        )


class _Case:
    """One case while its lines are read."""

    def __init__(self, master: str | None, date: str) -> None:
        self._master, self._date = master, date
        self._judges = False
        self._suspects: dict[str, None] = {}
        self._verdicts: list[dict[str, Any]] = []
        self._open: str | None = None

    def add(self, line: str) -> None:
        """Take one line: a heading, names, or a verdict."""
        if heading := _heading(_PART, line):
            self._judges = "clerk" in heading.lower() or "checkuser" in heading.lower()
            self._open = None
        elif len(self._suspects) > _MOST_SUSPECTS or len(self._verdicts) > _MOST_VERDICTS:
            return
        elif self._judges:
            found, self._open = verdicts_in(line, list(self._suspects), self._open)
            for verdict, users in found:
                self._verdicts.append({"verdict": verdict, "users": users})
                self._suspects.update(dict.fromkeys(users))
        else:
            self._suspects.update(dict.fromkeys(names_in(line)))

    def record(self) -> dict[str, Any]:
        """Give the case as a record."""
        return {
            "master": self._master,
            "date": self._date,
            "suspects": list(self._suspects),
            "verdicts": self._verdicts,
        }


def _heading(kind: re.Pattern[str], line: str) -> str | None:
    """Give the words of a heading of this kind, ``None`` for any other line."""
    found = kind.fullmatch(line)
    return _BIG.sub("", found[1]).strip() or None if found else None


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _accounts_only(written: list[str], master: str) -> list[str]:
    found: dict[str, None] = {}
    for name in written:
        try:
            found[user_name(name)] = None
        except LeftOut:
            continue  # an address: whoever used it is no account
    found.pop(master, None)
    return list(found)


def _lines(stream: BinaryIO) -> Iterator[str | None]:
    """Give the lines, templates that go over several lines as one; ``None`` for a line that is too long to read."""
    held: list[str] = []
    size = unclosed = 0
    while block := stream.readline(_LONGEST_LINE):
        line = block.decode("utf-8", "replace")
        if len(block) == _LONGEST_LINE and not block.endswith(b"\n"):
            while block and not block.endswith(b"\n"):
                block = stream.readline(_LONGEST_LINE)
            held, size, unclosed = [], 0, 0
            yield None
            continue
        held.append(line)
        size += len(line)
        unclosed += line.count("{{") - line.count("}}")
        if unclosed <= 0 or size > _LONGEST_LINE or not line.strip():
            yield "".join(held).strip()
            held, size, unclosed = [], 0, 0
    if held:
        yield "".join(held).strip()
