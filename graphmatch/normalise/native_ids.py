"""The ids that platforms give their accounts: how they look, and one spelling of each. In: text. Out: text. Pure."""

from __future__ import annotations

import re

from graphmatch.model import IdKind

#: A Matrix id: the name, then the server.
MXID = re.compile(r"@([^:@\s/]{1,200}):([\w-]+(?:\.[\w-]+)+)(?::\d+)?")
#: How a platform's ids look, where they can be told from handles, which people write in an id's place.
_IDS = {
    "x": re.compile(r"\d{1,20}"),
    "discord": re.compile(r"\d{15,20}"),
    "bluesky": re.compile(r"did:[a-z]+:\S+"),
    "youtube": re.compile(r"UC[\w-]{22}"),
    "reddit": re.compile(r"t2_[0-9a-z]{1,13}"),
    "telegram": re.compile(r"(?:user|channel|chat)\d{1,20}"),
    "matrix": MXID,
}
_TELEGRAM_CHANNEL = re.compile(r"-100(\d{1,20})")
_SHORT_REDDIT_ID = re.compile(r"(?=.*\d)[0-9a-z]{2,13}")


def is_id(native: str, platform: str) -> bool:
    """Tell whether a value can be an id of the platform; handles are written in an id's place too."""
    shape = _IDS.get(platform)
    return shape is None or shape.fullmatch(native) is not None


def kind_of(native: str, platform: str) -> IdKind:
    """Say what an id is made of."""
    if native.startswith("did:"):
        return IdKind.DID
    return IdKind.NUMERIC if native.isdecimal() or platform == "telegram" else IdKind.OPAQUE


def spelt(native: str, platform: str, handle: str | None) -> str:
    """Spell an id as the platform's own export does."""
    if platform == "telegram":
        channel = _TELEGRAM_CHANNEL.fullmatch(native)
        return f"channel{channel[1]}" if channel else f"user{native}" if native.isdecimal() else native
    named = (handle or "").casefold().removeprefix("u/").lstrip("@")
    if platform == "reddit" and named and native != named and _SHORT_REDDIT_ID.fullmatch(native):
        return f"t2_{native}"
    return native
