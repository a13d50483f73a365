"""An entry of Lemmy's modlog → what was done to whom, or to which post or comment.

Version 3 gives fifteen lists of views, one a kind of action; version 4 one list of entries, first with a view for each
kind and then with a ``modlog`` object and its targets. The entry's own keys tell. The same ban read from either version
is one enforcement: its id is made of whom, what and when, for the numbers are counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action
from graphmatch.normalise.categories import CONTENT_FREE, category_of_text
from graphmatch.normalise.fediverse import host_of
from graphmatch.normalise.text import redact
from ingest.lemmy.contents import LIVE, content_id, content_row, words
from ingest.lemmy.persons import (
    PLATFORM,
    UNKNOWN_INSTANCE,
    account_row,
    address_of,
    home_of,
    moment,
    person_rows,
    pseudonym,
)

Record = Mapping[str, Any]

#: The lists of version 3, in all its releases.
LISTS = (
    "removed_posts", "locked_posts", "featured_posts", "stickied_posts", "removed_comments", "removed_communities",
    "banned_from_community", "banned", "added_to_community", "transferred_to_community", "added",
    "admin_purged_persons", "admin_purged_communities", "admin_purged_posts", "admin_purged_comments",
    "hidden_communities",
)  # fmt: skip
#: Under which names the two versions keep whom and what an entry is about.
_PERSONS = ("banned_person", "commenter", "other_person", "target_person")
_THINGS = {"comment": ("comment", "target_comment"), "post": ("post", "target_post")}
_COMMUNITIES = ("community", "target_community")
_MODERATORS = ("moderator", "admin")
#: Version 4 says "admin ban" for what version 3 calls a moderator's ban from the whole site.
_SAME = {"AdminBan": "ModBan"}
#: What is said of the entry's direction, and is false where an earlier action is taken back.
_FLAGS = ("removed", "banned", "locked", "hidden")
_TEMPORARY = {
    Action.ACCOUNT_SUSPENDED_PERM: Action.ACCOUNT_SUSPENDED_TEMP,
    Action.COMMUNITY_BAN_PERM: Action.COMMUNITY_BAN_TEMP,
}
_MARKS_CONTENT = frozenset({Action.CONTENT_REMOVED, Action.CONTENT_RESTRICTED})
_ON_CONTENT = _MARKS_CONTENT | {Action.WARNING}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: ``path`` is where the action itself stands, ``raw`` what it is called."""

    record: Record
    path: str
    raw: str
    mapped: Action
    is_revert: bool
    at: datetime | None
    home: str

    @property
    def community(self) -> str | None:
        """The address of the community in which it was done."""
        return next((found for name in _COMMUNITIES if (found := address_of(self.record, name))), None)

    def part(self, names: tuple[str, ...]) -> str | None:
        """Find which of ``names`` the record holds."""
        return next((name for name in names if fields.mapping(self.record, name)), None)


def action_path(record: Record) -> str | None:
    """Find the key under which an entry's action stands; ``None`` if the record is no entry."""
    if isinstance(record.get("modlog"), Mapping) and "kind" in record["modlog"]:
        return "modlog"
    named = (key for key in record if key.startswith(("mod_", "admin_")))
    return next((key for key in named if isinstance(record[key], Mapping)), None)


def modlog_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one entry holds; what is no sanction, or does not say of whom, is left out."""
    entry = _entry(record)
    thing = _thing(entry)
    # A locked thread says nothing about whoever opened it.
    person = None if entry.mapped is Action.CONTENT_RESTRICTED else entry.part(_PERSONS)
    if thing is None and person is None:
        raise LeftOut(_why_nobody(entry))
    account = account_row(record, person, context.observed_at or entry.at) if person else None
    reason = fields.text(record, f"{entry.path}.reason")
    allegation = category_of_text(reason) if reason else None
    keep = allegation is None or allegation.leaf != CONTENT_FREE

    if account and person:
        yield from person_rows(record, person, account, context)
    if thing:
        # Undated: what stands there now may have been changed since it was reported.
        text = words(record, thing, LIVE["comment" if thing.endswith("comment") else "post"])
        author = account.account_id if account else None
        yield content_row(record, thing, author=author, text=text, seen=None, keep=keep)
    found = _enforcement(entry, account, thing, context, reason if keep else None)
    yield found
    if account and keep:
        where = found.enforcement_id
        yield from claim_rows(reason, account, where=where, asserted_by="moderator", asserted_at=entry.at)


def _entry(record: Record) -> _Entry:
    path = action_path(record)
    if path is None:
        raise RejectedRecord("neither a report nor an entry of the modlog of Lemmy")
    name = fields.required_text(record, "modlog.kind") if path == "modlog" else path
    raw = _camel(name)
    mapped = action(PLATFORM, raw)
    if mapped is None:
        raise RejectedRecord(f"the field '{path}' holds an action that the table of actions does not know")
    if mapped is Action.NONE:
        raise LeftOut("an entry of the modlog that is no sanction")
    if raw.startswith("AdminPurge"):
        raise LeftOut("a purge, which does not say of whom")
    at = moment(record, path, "when_", "published", "published_at")
    return _Entry(record, path, raw, mapped, _is_revert(record, path), at, home_of(record))


def _camel(name: str) -> str:
    """Write an action as Lemmy's sources do: ``mod_remove_post`` → ``ModRemovePost``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _is_revert(record: Record, path: str) -> bool:
    flags = [fields.flag(record, f"{path}.{name}") for name in _FLAGS]
    return fields.flag(record, f"{path}.is_revert") is True or any(flag is False for flag in flags)


def _thing(entry: _Entry) -> str | None:
    """Find the post or comment that the entry is about; a ban is about none."""
    if entry.mapped not in _ON_CONTENT or entry.raw.endswith("Community"):
        return None
    return entry.part(_THINGS["comment" if entry.raw.endswith("Comment") else "post"])


def _why_nobody(entry: _Entry) -> str:
    if entry.raw.endswith(("Community", "CommunityVisibility")) and entry.mapped in _ON_CONTENT:
        return "a measure against a whole community"
    return "an entry of the modlog whose person, post or comment is gone"


def _enforcement(
    entry: _Entry, account: Account | None, thing: str | None, context: Context, reason: str | None
) -> Enforcement:
    expires = moment(entry.record, entry.path, "expires", "expires_at")
    scope, scope_ref = _scope(entry, thing)
    found = content_id(entry.record, thing) if thing else None
    moderator = entry.part(_MODERATORS)
    return Enforcement(
        enforcement_id=_enforcement_id(entry, found or (account.account_id if account else "")),
        platform=PLATFORM,
        source=context.source,
        action=_refined(entry, expires),
        action_raw=f"{entry.raw} reverted" if entry.is_revert else entry.raw,
        scope=scope,
        account_id=account.account_id if account else None,
        content_id=found,
        scope_ref=scope_ref,
        at_earliest=entry.at,
        at_latest=entry.at,
        expires_at=None if entry.is_revert else expires,
        reason=redact(reason) if reason else None,
        by_ref=pseudonym(entry.record, moderator, context) if moderator else None,
    )


def _enforcement_id(entry: _Entry, subject: str) -> str:
    kind = _SAME.get(entry.raw, entry.raw)
    place = f":{entry.community}" if kind == "ModBanFromCommunity" and entry.community else ""
    when = entry.at.isoformat() if entry.at else fields.required_text(entry.record, f"{entry.path}.id")
    return f"{PLATFORM}:{entry.home}:{kind}:{subject}{place}:{when}"


def _refined(entry: _Entry, expires: datetime | None) -> Action:
    """Tell what is for a time from what is for good, and what takes an earlier action back."""
    if not entry.is_revert:
        return _TEMPORARY.get(entry.mapped, entry.mapped) if expires else entry.mapped
    if entry.mapped is Action.WARNING:
        raise LeftOut("a warning that was taken back")
    return Action.CONTENT_RESTORED if entry.mapped in _MARKS_CONTENT else Action.ACCOUNT_RESTORED


def _scope(entry: _Entry, thing: str | None) -> tuple[Scope, str | None]:
    """Say where it holds: in one community, or on the server whose admins did it."""
    if entry.raw == "ModBanFromCommunity" or (thing and entry.community):
        return Scope.COMMUNITY, entry.community
    server = fields.text(entry.record, "target_instance.domain") or _foreign_server(entry)
    home = None if entry.home == UNKNOWN_INSTANCE else entry.home
    return Scope.INSTANCE, server.lower() if server else home


def _foreign_server(entry: _Entry) -> str | None:
    """Name the server of a moderator from elsewhere: bans are passed on to other servers, and hold at their own."""
    moderator = entry.part(_MODERATORS)
    if moderator is None or fields.flag(entry.record, f"{moderator}.local") is not False:
        return None
    return host_of(address_of(entry.record, moderator))
