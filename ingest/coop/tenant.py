"""What one platform means by its Coop: its name, its types of items and their fields, its policies and actions.

All of it is the platform's own choice and stands in no body, so a mapping file says it (`Options.mapping`)::

    [coop]
    platform = "clips"             # without it the platform is called coop
    instance = "clips.example"     # without it the platform's name
    [coop.fields]                  # ours = "theirs", inside an item's data; a dot steps into an object
    handle = "profile.nick"
    [coop.types.itype_post]        # the same, for one type of item
    is = "content"                 # or user, or thread
    text = "caption"
    [coop.policies]                # the id of a policy = a category of ours
    pol_threats = "violence.threat"
    [coop.actions]                 # the id of an action = an action of ours
    act_9f2 = "account_suspended_perm"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmatch.adapter import Options
from graphmatch.errors import ConfigError
from graphmatch.model import Action
from graphmatch.normalise.categories import leaves

NAME = "coop"
#: Our names for fields of an item's data, and the names that are read as them without a mapping.
ROLES: dict[str, tuple[str, ...]] = {
    "handle": ("username", "userName", "user_name", "handle", "screenName", "screen_name", "login"),
    "display_name": ("displayName", "display_name", "fullName", "full_name", "name"),
    "bio": ("bio", "biography", "about", "aboutMe", "about_me", "description"),
    "location": ("location",),
    "links": ("links", "websites", "website"),
    "avatar": ("avatar", "avatarUrl", "avatar_url", "profilePicture", "profile_picture", "profileImage", "profileIcon"),
    "email": ("email", "emailAddress", "email_address"),
    "phone": ("phone", "phoneNumber", "phone_number"),
    "ip": ("ip", "ipAddress", "ip_address"),
    "title": ("title", "subject"),
    "text": ("text", "body", "content", "message", "caption"),
    "url": ("url", "link", "permalink"),
    "created_at": ("createdAt", "created_at", "postedAt", "posted_at", "datetime", "timestamp"),
    "author": ("author", "creator", "createdBy", "created_by", "owner", "sender", "user", "authorId", "creatorId"),
    "parent": ("parent", "parentItem", "inReplyTo", "replyTo"),
    "mentions": ("mentions", "mentionedUsers"),
}
#: The three flavours of Coop's types of items.
USER, CONTENT, THREAD = "user", "content", "thread"
_SECTIONS = frozenset({"platform", "instance", "fields", "types", "policies", "actions"})
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Tenant:
    """How a platform's bodies are to be read. ``paths`` are by type of item (``""`` = every type) and role."""

    platform: str = NAME
    instance: str = NAME
    kinds: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[tuple[str, str], str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)

    def path(self, type_id: str, role: str) -> str | None:
        """Give the path that the mapping names for a role; ``None``: the usual names are to be tried."""
        return self.paths.get((type_id, role)) or self.paths.get(("", role))

    def id_of(self, native: str) -> str:
        """Write the key of an account or a content of this platform."""
        return f"{self.platform}:{self.instance}:{native}"


def load_tenant(options: Options) -> Tenant:
    """Read the section ``[coop]`` of the mapping file.

    Raises
    ------
    ConfigError
        It names a section, role, kind, category or action that does not exist; the message says which.
    """
    section = options.section(NAME)
    _among("a section", section, _SECTIONS, NAME)
    types = _table(section, "types")
    kinds = {name: _text(_table(types, name), "is") for name in types if "is" in _table(types, name)}
    _among("a kind of item", kinds.values(), {USER, CONTENT, THREAD}, f"{NAME}.types")
    paths = {("", role): path for role, path in _roles(_table(section, "fields"), f"{NAME}.fields").items()}
    for name in types:
        own = {key: value for key, value in _table(types, name).items() if key != "is"}
        paths |= {(name, role): path for role, path in _roles(own, f"{NAME}.types.{name}").items()}
    policies = {name: _text(_table(section, "policies"), name) for name in _table(section, "policies")}
    _among("a category", policies.values(), frozenset(leaves()), f"{NAME}.policies")
    actions = {name: _text(_table(section, "actions"), name) for name in _table(section, "actions")}
    _among("an action", actions.values(), frozenset(Action), f"{NAME}.actions")
    platform = _word(section, "platform", NAME)
    return Tenant(
        platform=platform,
        instance=_word(section, "instance", platform),
        kinds=kinds,
        paths=paths,
        policies=policies,
        actions={name: Action(value) for name, value in actions.items()},
    )


def _roles(given: Mapping[str, Any], where: str) -> dict[str, str]:
    _among("a field", given, ROLES.keys(), where)
    return {role: _text(given, role) for role in given}


def _among(what: str, names: Any, known: Any, where: str) -> None:
    for name in names:
        if name not in known:
            raise ConfigError(f"the mapping's [{where}]: there is no {name!r}; {what} is one of {', '.join(known)}")


def _table(section: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = section.get(name, {})
    if not isinstance(found, Mapping):
        raise ConfigError(f"the mapping's [{NAME}]: {name!r} is a section of its own")
    return found


def _text(section: Mapping[str, Any], name: str) -> str:
    found = section[name]
    if not isinstance(found, str) or not found.strip():
        raise ConfigError(f"the mapping's [{NAME}]: {name} needs a text in quotes")
    return found.strip()


def _word(section: Mapping[str, Any], name: str, otherwise: str) -> str:
    if name not in section:
        return otherwise
    found = _text(section, name).lower()
    if not _WORD.fullmatch(found):
        raise ConfigError(f"the mapping's [{NAME}]: {name} is a word of letters, digits, dots and hyphens")
    return found
