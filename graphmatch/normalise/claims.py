"""Allegations in a reporter's or moderator's words that an account has the operator of another. In: text. Pure.

Precision before recall: a claim needs a fixed turn of phrase *and* something that can only be a handle (quoted, with
``@``, a digit, an underscore, mixed case, a domain) or that stands before "on <platform>". What is denied, asked, or
said to be somebody else's saying is no claim; neither are a platform's own sentences
(`graphmatch.normalise.boilerplate`). The turns of phrase are in `graphmatch.normalise.turns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphmatch.normalise.boilerplate import own_words
from graphmatch.normalise.links import account_of
from graphmatch.normalise.platforms import WORDS
from graphmatch.normalise.redaction import redact
from graphmatch.normalise.turns import TURNS, Look

#: What lies beyond in a text is not read.
LONGEST_TEXT = 10_000
LONGEST_QUOTE = 200
_LONGEST_CLAUSE = 80

_STOPS = (". ", "! ", "? ", "\n")
_NAME = re.compile(r"(?=[\d_.@-]*[^\W\d_])[\w.@-]{2,164}")
_EARMARK = re.compile(r"\d|_|\w\.[a-z]{2,}|[a-z][A-Z]")
_PLAIN_WORDS = re.compile(
    r"\d+(?:st|nd|rd|th|s|%|k|m|h|am|pm|yo|x)?|covid\w*|[gu]\d+|mi[56]|[45]g|r2d2|c3po|4chan|8kun|e\.g\.?|i\.e\.?|"
    r"[a-z]\d|the|a|an|before|last|yesterday|above|below|previous(?:ly)?|reported|me|him|her|them|you|it|this|that|these|"
    r"those|my|his|their|our|your|always|other|others|another|someone|somebody|everyone|on|in|at|by|from|of|and|or|not|"
    r"well|active|posting|posted|seen|here|there|banned|known|live|back|now|as|abusive|usual|soon",
    re.IGNORECASE,
)
_EVERYBODY = frozenset({"everyone", "here", "channel", "all", "admin", "mods", "moderators", "support"})
_CLAUSE = re.compile(r"[.!?;\n]\s|[,:]\s|\s(?:but|and|so|because|though|although)\s|\s[-\u2013\u2014]\s")
_DENIED = re.compile(
    r"\b(?:not|isn'?t|aren'?t|wasn'?t|weren'?t|never|no(?! quarter)|nor|neither|don'?t|doesn'?t|didn'?t|cannot|can'?t"
    r"|couldn'?t|nobody|hardly|unlike|doubt(?:ful)?(?: that| if)?|unsure|if|whether)\b(?! only| just| sure why)",
    re.IGNORECASE,
)
_NO_DOUBT = re.compile(r"\bno (?:doubt|question)\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:accus\w+|claim(?:s|ed|ing)?|call(?:s|ed|ing) (?:me|her|us|him|them|people)|say(?:s|ing)?|said|pretend\w*"
    r"|alleg\w+|imperson\w+|parody|fake|false(?:ly)?|rumou?rs?|lie[sd]?|lying|joke[sd]?|jokingly|i(?: am|'m)"
    r"|we(?: are|'re)|my|(?<!\bi )see|cc)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:is|are|was|were|could|can|might|do|does|did|who|anyone|wonder(?:ing)?|i wonder)\b(?! clearly)",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(
    r"\W{0,2}\s*(?:(?:is|was|this is|that is|that'?s) )?(?:not true|isn'?t true|untrue|a lie|false|nonsense"
    r"|not the case|against the rules)\b",
    re.IGNORECASE,
)


_KEYS = tuple(dict.fromkeys(key for turn in TURNS for key in turn.keys))


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
    for claim in _claims(redact(own_words(text[: 2 * LONGEST_TEXT]))[:LONGEST_TEXT]):
        found.setdefault((claim.handle.lower(), claim.platform), claim)
    # What one turn of phrase names with its platform, another may name without.
    with_platform = {handle for handle, platform in found if platform}
    return [claim for (handle, platform), claim in found.items() if platform or handle not in with_platform]


def _claims(text: str) -> Iterator[Claim]:
    folded = text.lower().replace("\u2019", "'")
    # Each key is looked for once, though several turns share it; most texts hold none.
    keys = {key for key in _KEYS if key in folded}
    turns = [turn for turn in TURNS if not keys.isdisjoint(turn.keys)] if keys else []
    matches = [(match, turn.look) for turn in turns for match in turn.expression.finditer(text)]
    for match, look in sorted(matches, key=lambda pair: (pair[0].start(), -pair[0].end())):
        named = _handle(match, look)
        if named and not _is_unsaid(text, match):
            yield Claim(*named, quote=_quote(text, match))


def _handle(match: re.Match[str], look: Look) -> tuple[str, str | None] | None:
    groups = match.groupdict()
    word = groups.get("platform") or groups.get("where")
    platform = WORDS[word.lower()] if word else None
    if groups["url"]:
        account = account_of(groups["url"].rstrip(".,;:!?)"))
        return (account.split(":", 2)[2], account.split(":", 2)[0]) if account else None
    if groups["mxid"] or groups["reddit"]:
        return (groups["mxid"].rstrip("."), "matrix") if groups["mxid"] else (groups["reddit"], "reddit")
    raw = groups["quoted"] or groups["at"] or groups["plain"]
    handle = raw.strip(".-").removeprefix("@").removeprefix("u/").rstrip(".")
    if not _is_handle(handle, groups, look, named_platform=platform is not None):
        return None
    if "@" in handle:
        platform = "mastodon"
    elif handle.lower().endswith(".bsky.social"):
        platform = "bluesky"
    return handle, platform


def _is_handle(handle: str, groups: dict[str, str | None], look: Look, *, named_platform: bool) -> bool:
    if not _NAME.fullmatch(handle) or "@" in (groups["quoted"] or "")[1:] or handle.lower() in _EVERYBODY:
        return False
    if groups["at"]:
        return True
    if _PLAIN_WORDS.fullmatch(handle) or handle.lower() in WORDS:
        return False
    if _EARMARK.search(handle):
        return True
    quoted = bool(groups["quoted"])
    return (look is Look.LOOSE and (named_platform or quoted)) or (look is Look.ALSO and quoted)


def _is_unsaid(text: str, match: re.Match[str]) -> bool:
    """Say whether the sentence denies the claim, asks it, or gives it as what somebody else says."""
    since = max(0, match.start() - _LONGEST_CLAUSE)
    before = text[since : match.start()]
    clause = before[max((found.end() for found in _CLAUSE.finditer(before)), default=0) :].replace("\u2019", "'")
    within = match[0].replace("\u2019", "'")
    said = f"{clause}{within}"
    if _DENIED.search(_NO_DOUBT.sub("", said)) or _SAID.search(clause):
        return True
    # A handle may end in a full stop, and so may its sentence.
    after = text[match.end() - match[0].endswith(".") : match.end() + _LONGEST_CLAUSE]
    if _NO_LONGER.match(after):
        return True
    sentence = re.split(r"[.!\n]", after, maxsplit=1)[0]
    part = re.split(r"[,;]", sentence, maxsplit=1)[0]
    return "?" in part or (bool(_ASKS.match(said)) and "?" in sentence)


def _quote(text: str, match: re.Match[str]) -> str:
    since, until = max(0, match.start() - LONGEST_QUOTE), match.end() + LONGEST_QUOTE
    starts = [at + len(mark) for mark in _STOPS if (at := text.rfind(mark, since, match.start())) >= 0]
    start = max(starts, default=since)
    end = min((at for mark in _STOPS if (at := text.find(mark, match.end(), until)) >= 0), default=until)
    sentence = " ".join(text[start:end].split())
    return sentence if len(sentence) <= LONGEST_QUOTE else f"{sentence[: LONGEST_QUOTE - 1]}…"
