"""Allegations in a reporter's or moderator's words that an account has the operator of another. In: text. Pure.

Precision before recall: a claim needs a fixed turn of phrase *and* something that can only be a handle (quoted, with
``@``, a digit, an underscore, mixed case, a domain) or that stands before "on <platform>". A platform's own
sentences ("This is spam", "This is misinformation") never match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphmatch.normalise.links import account_of
from graphmatch.normalise.platforms import WORDS
from graphmatch.normalise.text import redact

#: What lies beyond in a text is not read.
LONGEST_TEXT = 10_000
LONGEST_QUOTE = 200

_WHO = r"(?:person|people|bloke|guy|man|woman|lad|user|account|troll|individual|operator|owner|author|one|idiot)"
_SPARE = (
    r"(?:alt|sock ?-?puppet|sock|burner)(?: accounts?)?"
    r"|(?:alternat(?:e|ive)|duplicate|second|2nd|backup|new|other) account"
)
_OPENINGS = (
    rf"\bsame {_WHO}s? (?:as|behind|who (?:ran|runs|was|is))",
    rf"\b(?:{_SPARE}) (?:of|for|by)",
    r"\bban[ -]?evasion(?: account| attempt)? (?:of|by|for|from)",
    r"\bban[ -]?evading(?: account)?(?: of| by| as)?",
    r"\b(?:also|otherwise|previously|formerly) known as",
    r"\b(?:a\.?k\.?a\.?|formerly|previously banned as|was banned as)",
    r"\balso",
)
_PLATFORM = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
_QUOTES = "\"'\u2018\u2019\u201c\u201d`"
_HANDLE = (
    rf"(?:(?:the )?(?:account|user|handle)s? )?(?:[{_QUOTES}](?P<quoted>[^\s{_QUOTES}]{{2,64}})[{_QUOTES}]"
    r"|(?P<url>https?://[^\s<>\"]{4,300})|(?P<at>@[\w.-]{2,64}(?:@[\w.-]{3,100})?)|(?P<plain>[\w.-]{2,64}))(?![@\w])"
)
_ON = rf"(?P<on>,?\s+(?:over )?(?:on|from|off|at|@)\s+(?:the\s+)?(?P<platform>{_PLATFORM})\b)?"
_CLAIM = re.compile(rf"(?P<opening>{'|'.join(_OPENINGS)}):?\s+{_HANDLE}{_ON}", re.IGNORECASE)
_AGAIN = re.compile(rf"\b(?:this|it|he|she)(?:['\u2019]?s| is)\s+{_HANDLE}{_ON},?\s+(?:again|back)\b", re.IGNORECASE)
_STOPS = (". ", "! ", "? ", "\n")
_EARMARK = re.compile(r"\d|_|\w\.[a-z]{2,}|[a-z][A-Z]")
_PLAIN_WORDS = re.compile(
    r"\d+(?:st|nd|rd|th|s|%|k|am|pm)?|covid\w*|[gu]\d+|mi[56]|[45]g|4chan|8kun|e\.g\.?|i\.e\.?|"
    r"the|a|an|before|last|yesterday|above|below|previous(?:ly)?|reported|me|him|her|them|you|it|this|that|these|those|"
    r"my|his|their|our|your|always|other|others|another|someone|somebody|everyone|on|in|at|by|from|of|and|or|not|well|"
    r"active|posting|posted|seen|here|there|banned|known",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """An account that somebody alleges to be of the same operator; ``quote`` holds no contact values."""

    handle: str
    platform: str | None
    quote: str


def claims_in(text: str) -> list[Claim]:
    """List what ``text`` alleges about other accounts of the same operator, each handle once, in order."""
    found: dict[tuple[str, str | None], Claim] = {}
    # Redacted as a whole, before anything is cut: half an address would not be known for one.
    for claim in _claims(redact(text[: 2 * LONGEST_TEXT])[:LONGEST_TEXT]):
        found.setdefault((claim.handle.lower(), claim.platform), claim)
    return list(found.values())


def _claims(text: str) -> Iterator[Claim]:
    matches = [*_CLAIM.finditer(text), *_AGAIN.finditer(text)]
    for match in sorted(matches, key=re.Match.start):
        named = _handle(match)
        if named:
            yield Claim(*named, quote=_quote(text, match))


def _handle(match: re.Match[str]) -> tuple[str, str | None] | None:
    platform = WORDS[match["platform"].lower()] if match["platform"] else None
    if match["url"]:
        account = account_of(match["url"].rstrip(".,;:!?)"))
        return (account.split(":", 2)[2], account.split(":", 2)[0]) if account else None
    raw = match["quoted"] or match["at"] or match["plain"]
    handle = raw.strip(".-").removeprefix("@").rstrip(".")
    if not re.search(r"[^\W\d_]", handle) or "@" in (match["quoted"] or "")[1:]:
        return None
    if "@" in handle:
        return handle, "mastodon"
    if not match["at"] and not _is_handle(handle, match, named_platform=platform is not None):
        return None
    if handle.lower().endswith(".bsky.social"):
        platform = "bluesky"
    return handle, platform


def _is_handle(handle: str, match: re.Match[str], *, named_platform: bool) -> bool:
    if _PLAIN_WORDS.fullmatch(handle) or handle.lower() in WORDS:
        return False
    opening = "again" if match.re is _AGAIN else match["opening"].lower()
    if opening == "also":
        # "also" opens too many sentences: "also 'x' on the Discord", and nothing less.
        return named_platform and bool(match["quoted"] or _EARMARK.search(handle))
    if _EARMARK.search(handle):
        return True
    return opening not in ("again", "formerly") and (named_platform or bool(match["quoted"]))


def _quote(text: str, match: re.Match[str]) -> str:
    since, until = max(0, match.start() - LONGEST_QUOTE), match.end() + LONGEST_QUOTE
    starts = [at + len(mark) for mark in _STOPS if (at := text.rfind(mark, since, match.start())) >= 0]
    start = max(starts, default=since)
    end = min((at for mark in _STOPS if (at := text.find(mark, match.end(), until)) >= 0), default=until)
    sentence = " ".join(text[start:end].split())
    return sentence if len(sentence) <= LONGEST_QUOTE else f"{sentence[: LONGEST_QUOTE - 1]}…"
