"""Whom a post mentions or answers → whom it is aimed at."""

from __future__ import annotations

import re
from datetime import datetime

from graphmatch.model import Target
from ingest.discourse.accounts import PLATFORM

_MENTION = re.compile(
    r"<a\s[^<>]{0,200}?class=\"mention\"[^<>]{0,200}?href=\"(?:[^\"<>]{0,200}/)?u/(?P<name>[^\"/<>]{1,100})\""
)
_QUOTE = re.compile(r"<aside\s[^<>]{0,300}?data-username=\"(?P<name>[^\"<>]{1,100})\"")
_WRITTEN = re.compile(r"(?<![\w@./])@(?P<name>\w[\w.-]{0,58}\w)(?![\w@])")
_LONGEST_TEXT = 100_000


def targets_of(
    *, cooked: str | None, text: str | None, home: str, author: str | None, reporters: set[str], seen: datetime | None
) -> dict[str, Target]:
    """Derive targets from a post's mentions and quotes; nobody is the target of its own words.

    Parameters
    ----------
    cooked, text
        The post's markup, in which the forum has looked up whom its mentions name; and its words, read without it.
    home, author
        The forum, and the handle of whoever wrote the post.
    reporters
        Handles in lower case of those who flagged it.
    seen
        When it was seen.
    """
    found: dict[str, tuple[str, str]] = {}
    if cooked:
        _add(found, home, _QUOTE, cooked, "reply_parent")
        _add(found, home, _MENTION, cooked, "mention")
    else:
        _add(found, home, _WRITTEN, text or "", "mention")
    found.pop(f"{PLATFORM}:{home}:{(author or '').lower()}", None)
    return {
        target_id: Target(
            target_id,
            platform=PLATFORM,
            handle=name,
            derivations=("reporter" if name.lower() in reporters else why,),
            observed_at=seen,
        )
        for target_id, (name, why) in found.items()
    }


def _add(found: dict[str, tuple[str, str]], home: str, pattern: re.Pattern[str], text: str, why: str) -> None:
    for match in pattern.finditer(text[:_LONGEST_TEXT]):
        found[f"{PLATFORM}:{home}:{match['name'].lower()}"] = (match["name"], why)
