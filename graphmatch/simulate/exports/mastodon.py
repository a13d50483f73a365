"""One fediverse server's admin export: reports as they stood early and late in the campaign, and account warnings.

A suspended account comes blank, as the server serialises it; the early export still holds the profile of those that
were suspended after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from graphmatch.simulate import ids
from graphmatch.simulate.exports.files import LARGE, write_array, write_lines
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import FEDIVERSE, HOME, Account, Outcome, Post, Report

_MISSING = f"https://{HOME}/avatars/original/missing.png"
_HEADER = f"https://{HOME}/headers/original/missing.png"
_QUOTES = {"automatic": ["public"], "manual": [], "current_user": "automatic"}
_MEMBER = {
    "id": "-99",
    "name": "",
    "permissions": "65536",
    "color": "",
    "highlighted": False,
    "collection_limit": 10,
}
_RULE = {
    "id": "2",
    "text": "No threats, harassment or doxxing of other people, including candidates and elected representatives.",
    "hint": "Criticism of politicians and their decisions is welcome.",
    "translations": {},
}
_CATEGORIES = {"other.spam": "spam", "debate.off_topic": "other", "deception.impersonation": "other"}
_ACTIONS = {
    Outcome.SUSPENDED: "suspend",
    Outcome.SUSPENDED_FOR_DAYS: "disable",
    Outcome.LIMITED: "silence",
    Outcome.WARNED: "none",
    Outcome.REMOVED: "delete_statuses",
}


def write(view: View, out: Path) -> None:
    """Write ``reports``, ``reports_before`` and ``account_warnings.json`` into ``out``."""
    large = len(view.world.accounts) > LARGE
    put, suffix = (write_lines, "ndjson") if large else (write_array, "json")
    put(out / f"reports_before.{suffix}", _reports(view, ids.EARLY_PULL, open_only=True))
    put(out / f"reports.{suffix}", _reports(view, ids.PULL))
    write_array(out / "account_warnings.json", _warnings(view))


def _reports(view: View, as_of: int, *, open_only: bool = False) -> Iterator[dict[str, Any]]:
    """Give the reports as of some time, newest first, as the API does; perhaps those alone that nobody closed."""
    for serial in range(len(view.reports) - 1, -1, -1):
        report = view.reports[serial]
        if report.at <= as_of and not (open_only and view.answer(report, as_of)):
            yield _report(view, report, serial + 1001, as_of)


def _report(view: View, report: Report, serial: int, as_of: int) -> dict[str, Any]:
    account = view.account(report.account)
    answer = view.answer(report, as_of)
    post = None if report.post is None else view.world.posts[report.post]
    category = _CATEGORIES.get(report.leaf, "violation")
    if report.leaf == "violence.threat" and serial % 6 == 0:
        category = "legal"
    return {
        "id": str(serial),
        "action_taken": answer is not None,
        "action_taken_at": ids.iso(answer.at) if answer else None,
        "category": category,
        "comment": report.comment,
        "forwarded": not account.local and serial % 3 == 0,
        "created_at": ids.iso(report.at),
        "updated_at": ids.iso(answer.at if answer else report.at),
        "account": _reporter(view, report),
        "target_account": _admin_account(view, account, as_of),
        "assigned_account": _MODERATOR if answer else None,
        "action_taken_by_account": _MODERATOR if answer else None,
        "statuses": [_status(view, account, post, as_of)] if post else [],
        "rules": [_RULE] if category == "violation" else [],
    }


def _admin_account(view: View, account: Account, as_of: int) -> dict[str, Any]:
    states = {e.outcome for e in view.of_account.get(account.number, ()) if e.at <= as_of}
    identity = account.identity
    seen = min(account.until, as_of)
    addresses = [{"ip": identity.address, "used_at": ids.iso(seen)}]
    if account.number % 3 == 0:  # a phone, behind an address that strangers share
        shared = {"ip": f"100.127.0.{account.number % 200}", "used_at": ids.iso(seen - ids.DAY)}
        addresses.append(shared)
    return _admin(
        _entity(view, account, as_of),
        domain=None if account.local else account.instance,
        created=account.created,
        email=identity.email,
        addresses=addresses,
        states=states,
    )


def _admin(
    entity: dict[str, Any],
    *,
    domain: str | None,
    created: int,
    email: str | None = None,
    addresses: list[dict[str, str]] | None = None,
    states: set[Outcome] | None = None,
    role: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Wrap an account as administrators see it: of remote accounts they know neither e-mail nor addresses."""
    local, states = domain is None, states or set()
    return {
        "id": entity["id"],
        "username": entity["username"],
        "domain": domain,
        "created_at": ids.iso(created if local else created // ids.DAY * ids.DAY),
        "email": email if local else None,
        "ip": addresses[0]["ip"] if local and addresses else None,
        "confirmed": True if local else None,
        "suspended": Outcome.SUSPENDED in states,
        "silenced": Outcome.LIMITED in states,
        "sensitized": False,
        "disabled": Outcome.SUSPENDED_FOR_DAYS in states if local else None,
        "approved": True if local else None,
        "locale": "en" if local else None,
        "invite_request": None,
        "ips": (addresses or []) if local else None,
        "account": entity,
        "role": (role or _MEMBER) if local else None,
    }


def _entity(view: View, account: Account, as_of: int) -> dict[str, Any]:
    identity, gone = account.identity, view.gone(account, as_of)
    made = _profile(
        number=str(account.server_id),
        username=account.handle,
        acct=account.handle if account.local else f"{account.handle}@{account.instance}",
        created=account.created,
        url=account.url,
        uri=account.uri,
    )
    made["statuses_count"] = 3 + account.number * 7919 % 4000
    made["last_status_at"] = ids.iso_day(min(account.until, as_of))
    if gone:
        made |= {"discoverable": None, "suspended": True}
        return made
    avatar = _MISSING if identity.avatar is None else f"https://files.{HOME}/accounts/avatars/{identity.avatar}.png"
    made |= {
        "display_name": identity.display_name,
        "note": _note(identity.bio),
        "avatar": avatar,
        "avatar_static": avatar,
        "followers_count": account.number * 104729 % 900,
        "following_count": account.number * 1299709 % 500,
        "fields": [_field(account, link) for link in identity.links],
    }
    if account.moved_to is not None and view.account(account.moved_to).first_abuse <= as_of:
        made["moved"] = _entity(view, view.account(account.moved_to), as_of)
    return made


def _profile(*, number: str, username: str, acct: str, created: int, url: str, uri: str) -> dict[str, Any]:
    return {
        "id": number,
        "username": username,
        "acct": acct,
        "display_name": "",
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": ids.iso(created // ids.DAY * ids.DAY),
        "note": "",
        "url": url,
        "uri": uri,
        "avatar": _MISSING,
        "avatar_static": _MISSING,
        "avatar_description": "",
        "header": _HEADER,
        "header_static": _HEADER,
        "header_description": "",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 0,
        "last_status_at": None,
        "hide_collections": None,
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "feature_approval": _QUOTES,
        "emojis": [],
        "fields": [],
        "noindex": False,
        "roles": [],
    }


def _note(bio: str) -> str:
    return f"<p>{escape(bio)}</p>" if bio else ""


def _field(account: Account, link: str) -> dict[str, Any]:
    shown = escape(link.removeprefix("https://"))
    verified = account.local and account.number % 2 == 0 and ".example" in link
    own = " me" if verified else ""
    anchor = f'<a href="{escape(link)}" rel="nofollow noopener{own}" target="_blank">'
    spans = f'<span class="invisible">https://</span><span class="">{shown}</span></a>'
    return {
        "name": "Telegram" if "t.me/" in link else "Website",
        "value": anchor + spans,
        "verified_at": ids.iso(account.created + 3 * ids.HOUR) if verified else None,
    }


def _reporter(view: View, report: Report) -> dict[str, Any]:
    """Give who reported: the target, a member, or another server's own actor, which hides who it was."""
    if report.by_target:
        target = view.world.targets[report.reporter]
        return _member(target.mastodon_id, target.handle, target.name)
    reporter = view.world.reporters[report.reporter]
    if reporter.number % 7 == 3:
        host = FEDIVERSE[1 + reporter.number % (len(FEDIVERSE) - 1)]
        actor = _profile(
            number=str(100 + reporter.number),
            username=host,
            acct=f"{host}@{host}",
            created=reporter.created,
            url=f"https://{host}/about/more?instance_actor=true",
            uri=f"https://{host}/actor",
        )
        return _admin(actor | {"bot": True}, domain=host, created=reporter.created)
    return _member(reporter.mastodon_id, reporter.handle, reporter.name)


def _member(number: int, handle: str, name: str) -> dict[str, Any]:
    created = number >> 16
    entity = _profile(
        number=str(number),
        username=handle,
        acct=handle,
        created=created,
        url=f"https://{HOME}/@{handle}",
        uri=f"https://{HOME}/ap/users/{number}",
    )
    email = f"{handle}@letterbox.example"
    addresses = [{"ip": f"192.0.2.{number % 200}", "used_at": ids.iso(ids.EARLY_PULL)}]
    return _admin(entity | {"display_name": name}, domain=None, created=created, email=email, addresses=addresses)


def _moderator() -> dict[str, Any]:
    number = ids.mastodon_id(ids.moment(2024, 1, 10, 9), 1)
    member = _member(number, "northmoor_mod", "Northmoor moderators")
    role = _MEMBER | {"id": "1", "name": "Moderator", "permissions": "1308", "highlighted": True}
    roles = [{"id": "1", "name": "Moderator", "color": ""}]
    return member | {"role": role, "account": member["account"] | {"roles": roles}}


_MODERATOR = _moderator()


def _status(view: View, account: Account, post: Post, as_of: int) -> dict[str, Any]:
    number = ids.mastodon_id(post.at, post.number)
    base = account.uri.replace("/ap/users/", "/users/") if not account.local else account.uri
    mentions, content = [], escape(post.text)
    if post.target is not None:
        target = view.world.targets[post.target]
        url = f"https://{HOME}/@{target.handle}"
        link = f'<a href="{url}" class="u-url mention">@<span>{target.handle}</span></a>'
        content = content.replace("{t}", f'<span class="h-card" translate="no">{link}</span>', 1)
        mentions = [{"id": str(target.mastodon_id), "username": target.handle, "url": url, "acct": target.handle}]
    return {
        "id": str(number),
        "created_at": ids.iso(post.at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{base}/statuses/{number}",
        "url": f"{account.url}/{number}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "content": f"<p>{content}</p>",
        "filtered": [],
        "reblog": None,
        "application": {"name": "Web", "website": None},
        "account": _entity(view, account, as_of),
        "media_attachments": [],
        "mentions": mentions,
        "tags": [],
        "emojis": [],
        "tagged_collections": [],
        "quote": None,
        "card": None,
        "poll": None,
        "quote_approval": _QUOTES,
    }


def _warnings(view: View) -> Iterator[dict[str, Any]]:
    """Give the account warnings, newest first: what was done, and when."""
    for serial in range(len(view.enforcements) - 1, -1, -1):
        enforcement = view.enforcements[serial]
        if enforcement.outcome not in _ACTIONS:
            continue
        account = view.account(enforcement.account)
        post = None if enforcement.post is None else view.world.posts[enforcement.post]
        yield {
            "id": str(serial + 51),
            "action": _ACTIONS[enforcement.outcome],
            "text": enforcement.reason,
            "status_ids": [str(ids.mastodon_id(post.at, post.number))] if post else None,
            "target_account": _entity(view, account, ids.PULL),
            "appeal": {"text": "free speech", "state": "rejected"} if serial % 40 == 7 else None,
            "created_at": ids.iso(enforcement.at),
        }
