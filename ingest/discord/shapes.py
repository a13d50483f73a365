"""What a file or a record of Discord's is, by its keys: how it is to be read, or why it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from graphmatch.adapter import Head, Layout, Refusal
from ingest.discord.connections import LISTS
from ingest.discord.messages import AROUND

_UNKNOWN = Refusal("not an audit log, AutoMod events, bans, members, connections or an exported chat of Discord")
_CHAT_AS_TABLE = Refusal("a Discord chat as a table, which lacks ids and replies; export it as JSON instead")
_OWN_MESSAGES = Refusal("the messages of an account's own data, which name no author; export the chat as JSON instead")
_API_MESSAGES = Refusal("messages as Discord's API gives them; export the chat with DiscordChatExporter instead")
_RULES = Refusal("AutoMod's rules, which name words and no account", known=True)
#: The gateway's events that are read.
EVENTS = ("AUTO_MODERATION_ACTION_EXECUTION", "GUILD_AUDIT_LOG_ENTRY_CREATE")
_OF_A_USER = frozenset({"username", "discriminator", "global_name", "avatar", "avatar_hash", "public_flags"})
_OF_A_MEMBER = frozenset({"joined_at", "nick", "roles"})
_OF_AN_AUTHOR = frozenset({"nickname", "isBot", "avatarUrl"})
_OF_A_CONNECTION = frozenset({"visibility", "friend_sync", "show_activity", "two_way_link"})
#: Shapes by what only they hold, in the order in which they are asked for.
_SHAPES: tuple[tuple[str, Callable[[AbstractSet[str]], bool]], ...] = (
    ("audit_entry", lambda keys: "action_type" in keys),
    ("automod_event", lambda keys: {"rule_trigger_type", "user_id"} <= keys),
    ("gateway_event", lambda keys: "t" in keys),
    ("message", lambda keys: "author" in keys and bool(keys & {"timestamp", "content"})),
    ("connections", lambda keys: bool(keys & set(LISTS))),
    ("member", lambda keys: "user" in keys and bool(keys & _OF_A_MEMBER)),
    ("ban", lambda keys: {"user", "reason"} <= keys),
)


def shape_of(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys."""
    keys = record.keys()
    return next((shape for shape, fits in _SHAPES if fits(keys)), None)


def layout_of(head: Head) -> Layout | Refusal:
    """Say how to read a file, or why it is none that is read."""
    if {"AuthorID", "Author", "Date", "Content"} <= set(head.columns):
        return _CHAT_AS_TABLE
    if head.format == "json_object":
        return _document(head)
    if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
        return _UNKNOWN
    first, keys = head.first, head.first.keys()
    if isinstance(first.get("audit_log_entries"), list):
        return Layout(head.format, "audit_page")
    if {"guild", "channel", "messages"} <= keys:
        # One export a line is one document after the other.
        return Layout("json_array", "message", "messages", AROUND)
    record = _record(first)
    return Layout(head.format, record) if record else _refusal(first)


def _document(head: Head) -> Layout | Refusal:
    keys = set(head.top_keys)
    if {"guild", "channel", "messages"} <= keys:
        return Layout("json_object", "message", "messages", AROUND)
    for name, record in (("bans", "ban"), ("members", "member")):
        if name in keys and _record(head.arrays.get(name)) == record:
            return Layout("json_object", record, name)
    an_event = {"t", "d"} <= keys and any(name in head.text for name in EVENTS)
    its_own_data = {"id", "username"} <= keys and bool(keys & _OF_A_USER - {"username"})
    for record, fits in (
        ("audit_page", "audit_log_entries" in keys),
        ("automod_event", an_event or {"rule_id", "rule_trigger_type", "user_id"} <= keys),
        ("connections", bool(keys & set(LISTS)) and ("user" in keys or its_own_data)),
    ):
        if fits:
            return Layout("json_object", record)
    return _UNKNOWN


def _record(value: object) -> str | None:
    """Tell what the first record of a list is, if it is one of Discord's beyond doubt."""
    if not isinstance(value, Mapping):
        return None
    keys = value.keys()
    if {"op", "t", "d"} <= keys or (value.get("t") in EVENTS and "d" in keys):
        return "automod_event"
    user, author = value.get("user"), value.get("author")
    shape = shape_of(value)
    fits = {
        "audit_entry": "target_id" in keys and "id" in keys,
        "automod_event": "rule_id" in keys,
        "message": isinstance(author, Mapping) and bool(_OF_AN_AUTHOR & author.keys()),
        "ban": _is_user(user),
        "member": _is_user(user),
        "connections": _is_user(user) or _is_user(value),
    }
    if shape:
        return shape if fits.get(shape) else None
    return "connection" if {"id", "type", "verified"} <= keys and _OF_A_CONNECTION & keys else None


def _is_user(value: object) -> bool:
    return isinstance(value, Mapping) and "id" in value and bool(_OF_A_USER & value.keys())


def _refusal(first: Mapping[str, Any]) -> Refusal:
    keys = first.keys()
    if {"trigger_type", "trigger_metadata", "guild_id"} <= keys:
        return _RULES
    if {"ID", "Timestamp", "Contents"} <= keys:
        return _OWN_MESSAGES
    if {"channel_id", "author", "content", "timestamp", "mentions"} <= keys:
        return _API_MESSAGES
    return _UNKNOWN
