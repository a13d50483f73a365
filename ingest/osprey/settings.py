"""Whose events they are, and where each platform puts what.

A mapping file may say it (`Options.mapping`)::

[osprey]
platform = "clips"           # without it the platform is called osprey
instance = "clips.example"   # without it the platform's name
user_type = "itype_user"     # the same users' and posts' types in Coop, so that both name one account alike
post_type = "itype_post"
[osprey.fields]              # ours = "theirs", a dotted path inside the event's own data
handle = "actor.nick"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Options
from graphmatch.errors import ConfigError
from graphmatch.normalise.text import blank_to_none

NAME = "osprey"
#: What we read of an event, and where it usually stands. The first place is Osprey's own, and is read strictly.
PLACES: dict[str, tuple[str, ...]] = {
    "user_id": ("user_id", "userId", "user.id", "account_id"),
    "ip": ("ip_address", "ip", "user.ip_address"),
    "text": ("post.text", "message.text", "comment.text", "post.body", "message", "text"),
    "content_id": ("post.id", "post.post_id", "message.id", "comment.id", "post_id", "message_id"),
    "url": ("post.url", "message.url"),
    "handle": ("user.username", "user.handle", "username", "handle"),
    "display_name": ("user.display_name", "user.displayName", "user.name", "display_name"),
    "bio": ("user.bio", "user.description", "bio"),
    "avatar": ("user.avatar", "user.avatar_url"),
    "email": ("user.email", "email"),
    "phone": ("user.phone", "phone"),
}
_KEYS = ("platform", "instance", "user_type", "post_type", "fields")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Settings:
    """How one platform's events are to be read."""

    platform: str = NAME
    instance: str = NAME
    user_type: str | None = None
    post_type: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    def said(self, payload: Mapping[str, Any], role: str) -> str | None:
        """Give what an event says in a role; a usual place that holds something else counts as empty."""
        if role in self.places:
            return fields.text(payload, self.places[role])
        first, *others = PLACES[role]
        found = fields.text(payload, first) if role in ("user_id", "ip") else _text_at(payload, first)
        return found or next((said for place in others if (said := _text_at(payload, place))), None)


def load_settings(options: Options) -> Settings:
    """Read the section ``[osprey]`` of the mapping file.

    Raises
    ------
    ConfigError
        It names a setting or field that does not exist, or gives something else than a text; the message says which.
    """
    section = options.section(NAME)
    places = section.get("fields", {})
    if not isinstance(places, Mapping):
        raise ConfigError(f"the mapping's [{NAME}]: 'fields' is a section of its own")
    for given, known, what in ((section, _KEYS, "a setting"), (places, tuple(PLACES), "a field")):
        for name, value in given.items():
            if name not in known:
                raise ConfigError(f"the mapping's [{NAME}]: there is no {name!r}; {what} is one of {', '.join(known)}")
            if name != "fields" and (not isinstance(value, str) or not value.strip()):
                raise ConfigError(f"the mapping's [{NAME}]: {name} needs a text in quotes")
    platform = str(section.get("platform", NAME)).lower()
    instance = str(section.get("instance", platform)).lower()
    for name, word in (("platform", platform), ("instance", instance)):
        if not _WORD.fullmatch(word):
            raise ConfigError(f"the mapping's [{NAME}]: {name} is a word of letters, digits, dots and hyphens")
    return Settings(platform, instance, section.get("user_type"), section.get("post_type"), dict(places))


def _text_at(payload: Mapping[str, Any], place: str) -> str | None:
    found: Any = payload
    for step in place.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return blank_to_none(found)
