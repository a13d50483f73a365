"""Turns of phrase by which people say that an account has another's operator: expressions, and what each asks for.

Data for `graphmatch.normalise.claims`. Each expression holds one handle. In them ``<handle>``, ``<on>`` (perhaps "on
<platform>"), ``<on platform>``, ``<there>`` (a platform) and the like stand for the parts that they share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from graphmatch.normalise.platforms import WORDS

_QUOTES = "\"'\u2018\u2019\u201c\u201d`"
_PLATFORM = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
_ON_PLATFORM = rf",?\s+(?:over )?(?:on|from|off|at|@)\s+(?:the\s+)?(?P<platform>{_PLATFORM})\b"
_PARTS = {
    "<handle>": (
        rf"(?:(?:the )?(?:account|user|handle)s? )?(?:[{_QUOTES}](?P<quoted>[^\s{_QUOTES}]{{2,64}})[{_QUOTES}]"
        r"|(?P<url>https?://[^\s<>\"]{4,300})|(?P<mxid>@[\w.=/+-]{1,64}:[\w-]{1,60}(?:\.[\w-]{1,60})+)"
        r"|/?u/(?P<reddit>[\w-]{3,20})|(?P<at>@[\w.-]{2,64}(?:@[\w.-]{3,100})?)|(?P<plain>[\w.-]{2,64}))(?![@\w/])"
    ),
    "<on>": f"(?:{_ON_PLATFORM})?",
    "<on platform>": _ON_PLATFORM,
    "<there>": rf"(?:the )?(?P<where>{_PLATFORM})\b",
    "<who>": (
        r"(?:person|people|bloke|guy|man|woman|lad|user|account|troll|individual|operator|owner|author|one|idiot|clown"
        r"|poster|creep|fella)"
    ),
    "<spare>": (
        r"(?:(?:alt|sock ?-?puppet|sock|burner)(?: accounts?)?"
        r"|(?:alternat(?:e|ive)|duplicate|second|2nd|third|3rd|backup|new|other|spare) account)"
    ),
    "<other>": r"(?:alt|other|main|old|new|second|backup|previous|former|banned|suspended|original|spare|alternate)",
    "<their>": r"(?:his|her|their|its|this (?:user|person|account|man|guy|bloke|woman)'?s)",
    "<they are>": r"(?:he|she|they|it|this)(?:['\u2019]?s| is| are|['\u2019]re| was| were)",
    "<banned>": r"(?:banned|suspended|kicked|removed|booted|blocked|deleted)",
    "<begins>": r"(?<![@\w/.])",
    "<ends>": r"(?=\s*(?:[.,;:!?)\"\n]|$))",
    "<not theirs>": r"(?!['\u2019]s?\b)",
}


class Look(StrEnum):
    """What a plain word in the handle's place must show."""

    LOOSE = "loose"  # the look of a handle, or a platform or quotes beside it
    MARKED = "marked"  # the look of a handle: a digit, an underscore, mixed case, a domain
    ALSO = "also"  # the look of a handle or quotes, where a platform is named


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of phrase; ``keys``: a text (in lower case) without any of them does not hold it."""

    keys: tuple[str, ...]
    look: Look
    expression: re.Pattern[str]


def _turn(keys: str, look: Look, *pattern: str) -> Turn:
    whole = "".join(pattern)
    for name, part in _PARTS.items():
        whole = whole.replace(name, part)
    return Turn(tuple(keys.split("|")), look, re.compile(whole, re.IGNORECASE))


TURNS = (
    _turn(
        "same ",
        Look.LOOSE,
        r"\bsame <who>s? (?:as|behind|who (?:ran|runs|was|is))(?: the)?:?\s+<handle><not theirs><on>",
    ),
    _turn("alt|sock|burner|account", Look.LOOSE, r"\b<spare> (?:of|for|by):?\s+<handle><not theirs><on>"),
    _turn(
        "ban",
        Look.LOOSE,
        r"\bban[ -]?evasion(?: account| attempt)? (?:of|by|for|from):?\s+<handle><not theirs><on>",
    ),
    _turn("ban", Look.LOOSE, r"\bban[ -]?evading(?: account)?(?: of| by| as)?:?\s+<handle><not theirs><on>"),
    _turn("ban", Look.MARKED, r"\bban[ -]?evasion,? (?:see|cf\.?):?\s+<handle><on>"),
    _turn("known as", Look.LOOSE, r"\b(?:also|otherwise|previously|formerly|better) known as:?\s+<handle><on>"),
    _turn("aka|k.a", Look.LOOSE, r"\ba\.?k\.?a\.?:?\s+<handle><on>"),
    _turn(" as ", Look.LOOSE, r"\b<banned> (?:from|off|on) <there>(?: last \w+)? as:?\s+<handle><on>"),
    _turn(" as ", Look.LOOSE, r"\b(?:kicked|booted|thrown) (?:from|off) <there> as:?\s+<handle><on>"),
    _turn(" as ", Look.MARKED, r"\b<banned>(?: \w+)? as:?\s+<handle><on>"),
    _turn(
        "previously|formerly|originally|fka",
        Look.MARKED,
        r"\b(?:previously|formerly|originally|fka)(?: banned as)?:?\s+<handle><not theirs><on>",
    ),
    _turn(
        "used to",
        Look.MARKED,
        r"\bused to (?:be|post as|go by|be called|call (?:him|her|them)sel(?:f|ves)):?\s+<handle><on>",
    ),
    _turn(
        " as |es by|nt by",
        Look.MARKED,
        r"\b(?:known as|know (?:him|her|them) as|goes by|went by|posts as|posted as):?\s+<handle><on>",
    ),
    _turn(
        "account|handle|profile| one | name",
        Look.MARKED,
        r"\b<their> <other> (?:account|handle|profile|one|name) (?:is|was)(?: called)?:?\s+<handle><on>",
    ),
    _turn("account", Look.LOOSE, r"\bthe <other> account (?:is|was)(?: called)?:?\s+<handle><on>"),
    _turn(" is | was ", Look.MARKED, r"\b<their> <there>(?: account| handle)? (?:is|was):?\s+<handle>"),
    _turn(" from ", Look.MARKED, r"\b(?:moved|migrated)(?: over)?(?: here)? from:?\s+<handle><on>"),
    _turn("moved here", Look.MARKED, r"\bmoved here from <there>[^.!?\n]{0,40}\b(?:was|were)\s+<handle>"),
    _turn(
        " on | over | at | from | off | @ ",
        Look.MARKED,
        r"\b<they are>(?: the (?:same )?one who was)?(?: really| actually)?\s+<handle><on platform>",
    ),
    _turn("one who was", Look.MARKED, r"\bthe (?:same )?one who was\s+<handle><on>"),
    _turn(
        "on ",
        Look.MARKED,
        r"\bon <there>,? (?:he|she|they)(?:['\u2019]?s| is| are| was| were)\s+<handle><not theirs>",
    ),
    _turn(" again| back", Look.MARKED, r"\b<they are>\s+<handle><on>,?\s+(?:again|back)\b"),
    _turn(
        "this ",
        Look.MARKED,
        r"\bthis (?:user|account|person|man|guy|bloke|one|profile) (?:is|was)(?: really| actually)?\s+",
        r"<handle><not theirs><on>",
    ),
    _turn(
        " by ",
        Look.MARKED,
        r"\bthis (?:user|account|page|profile|one) is (?:run|operated|controlled|owned) by\s+<handle><not theirs><on>",
    ),
    _turn(" by who", Look.MARKED, r"\b(?:run|operated|controlled|owned) by whom?ever (?:runs|ran|owns)\s+<handle><on>"),
    _turn(
        "reincarnation|coming of|return of",
        Look.MARKED,
        r"\b(?:reincarnation|second coming|return) of\s+<handle><not theirs><on>",
    ),
    _turn(
        "linked|tied|belong",
        Look.MARKED,
        r"\b(?:linked|tied|belongs?) to (?:the )?(?:banned|suspended|deleted) (?:account|user)\s+<handle><on>",
    ),
    _turn(
        "definitely|certain|clearly|obviously| sure",
        Look.MARKED,
        r"\b(?:definitely|certainly|clearly|obviously|(?:pretty|quite|very|\d\d%|100%) sure|certain)(?: that)?",
        r"(?: this is| it(?:['\u2019]?s| is)| (?:he|she)(?:['\u2019]?s| is))?\s+<handle><not theirs><on>",
    ),
    _turn(
        "evad|ban|suspen",
        Look.MARKED,
        r"\b(?:evad|bann?|suspen)\w{0,6} [^.!?\n]{0,30}\b(?:he|she|they)(?:['\u2019]?s| is| are| was)\s+",
        r"(?=@|u/)<handle><not theirs><on>",
    ),
    _turn(
        "account|handle|profile|alt|sock|burner",
        Look.MARKED,
        r"<handle>['\u2019]s? (?:<other> (?:account|handle|profile)|alt|sock(?: ?puppet)?|burner)",
        r"(?![\w'\u2019]| (?:is|was|has|got|gets|being|manager))",
    ),
    _turn(
        " back|returned",
        Look.MARKED,
        r"<begins><handle>,? (?:has come back|came back|is back|is back again|back again|has returned)(?: again)? ",
        r"(?:as this|under (?:this|a|another)(?: new| other)? name",
        r"|(?:with|on|using) (?:a|this|another)(?: new| different)? account|with a new name)",
    ),
    _turn(
        " under a",
        Look.MARKED,
        r"<begins><handle> under (?:a|another)(?: new| different| other)? (?:name|account|handle)\b",
    ),
    _turn(
        "account|alt|sock|burner",
        Look.MARKED,
        r"<begins><handle> (?:is|was) (?:also )?<their> (?:<other> account|<spare>)\b",
    ),
    _turn(
        " the same ",
        Look.MARKED,
        r"<begins><handle>(?: and this (?:account|user|one))? (?:is|are) the same <who><ends>",
    ),
    # "also" opens too many sentences: "also 'x' on the Discord", and nothing less.
    _turn("also", Look.ALSO, r"\balso:?\s+<handle><not theirs><on platform><ends>"),
)
