"""The views that Ozone nests into its exports: repos, profiles, records and subject statuses."""

from __future__ import annotations

from typing import Any

from graphmatch.simulate import ids
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import Account, Outcome, Post

PREFIX = "tools.ozone.moderation.defs#"
MODERATOR = (ids.did("moderator"), "mod-jo.test")
LABELER = (ids.did("labeler"), "northmoor-labeler.test")
ASSOCIATED = {
    "lists": 0,
    "feedgens": 0,
    "starterPacks": 0,
    "labeler": False,
    "activitySubscription": {"allowSubscriptions": "followers"},
}
_POST = "app.bsky.feed.post"


def shown_handle(account: Account) -> str:
    """Give the handle as the network has it: under a shared host, or now and then the operator's own domain."""
    own = [link for link in account.identity.links if link.endswith(".example")]
    return own[0].removeprefix("https://") if own and account.number % 9 == 0 else f"{account.handle}.test"


def status_view(view: View, account: Account, as_of: int) -> dict[str, Any]:
    """Give the status of an account as a moderation subject."""
    done = [e for e in view.of_account.get(account.number, ()) if e.at <= as_of]
    gone = any(e.outcome is Outcome.SUSPENDED for e in done)
    paused = [e for e in done if e.outcome is Outcome.SUSPENDED_FOR_DAYS]
    reports = view.report_counts.get(account.number, 0)
    made = {
        "id": 301 + account.number,
        "subject": {"$type": "com.atproto.admin.defs#repoRef", "did": account.native_id},
        "hosting": {"$type": f"{PREFIX}accountHosting", "status": "takendown" if gone else "unknown"},
        "subjectBlobCids": [],
        "subjectRepoHandle": shown_handle(account),
        "createdAt": ids.iso(account.first_abuse),
        "updatedAt": ids.iso(done[-1].at if done else account.first_abuse),
        "reviewState": f"{PREFIX}reviewClosed" if done else f"{PREFIX}reviewOpen",
        "priorityScore": 0,
        "takendown": gone or bool(paused),
        "tags": ["lang:en"],
        "ageAssuranceState": "unknown",
        "accountStats": {
            "$type": f"{PREFIX}accountStats",
            "reportCount": reports,
            "appealCount": 0,
            "suspendCount": len(paused),
            "escalateCount": 0,
            "takedownCount": int(gone),
        },
        "recordsStats": {
            "$type": f"{PREFIX}recordsStats",
            "totalReports": reports,
            "reportedCount": min(1, reports),
            "escalatedCount": 0,
            "appealedCount": 0,
            "subjectCount": 1,
            "pendingCount": int(not done),
            "processedCount": int(bool(done)),
            "takendownCount": int(gone),
        },
    }
    if reports:
        made["lastReportedAt"] = ids.iso(min(account.until, as_of))
    if done:
        made |= {"lastReviewedAt": ids.iso(done[-1].at), "lastReviewedBy": MODERATOR[0]}
    if paused:
        made["suspendUntil"] = ids.iso(paused[-1].at + (paused[-1].days or 0) * ids.DAY)
    return made


def _avatar_cid(avatar: str) -> str:
    return "bafkrei" + ids.token("avatar", avatar, width=52)


def repo_view(view: View, account: Account, as_of: int, status: dict[str, Any]) -> dict[str, Any]:
    """Give a repo as moderators see it. E-mail and signatures are known of the operator's own hosts only."""
    identity = account.identity
    made = {
        "did": account.native_id,
        "handle": shown_handle(account),
        "relatedRecords": [_profile_record(account)],
        "indexedAt": ids.iso(account.created),
        "moderation": {"subjectStatus": status},
        "labels": [],
        "invites": [],
        "invitesDisabled": False,
    }
    if view.gone(account, as_of) and account.number % 3 == 0:
        made["relatedRecords"] = []
    if account.local:
        made["email"] = identity.email
        made["emailConfirmedAt"] = ids.iso(account.created + 4 * ids.MINUTE)
        made["threatSignatures"] = [
            {"property": "registrationIp", "value": identity.address},
            {"property": "lastSigninIp", "value": identity.address},
            {"property": "lastSigninTime", "value": ids.iso(min(account.until, as_of))},
            {"property": "lastSigninCountry", "value": "GB"},
            {"property": "hcapFp", "value": identity.device},
        ]
    return made


def _site(account: Account) -> str | None:
    return account.identity.links[0] if account.identity.links else None


def _description(account: Account) -> str:
    return " ".join([account.identity.bio, *account.identity.links[1:]]).strip()


def _profile_record(account: Account) -> dict[str, Any]:
    identity, site = account.identity, _site(account)
    made: dict[str, Any] = {
        "$type": "app.bsky.actor.profile",
        "createdAt": ids.iso(account.created),
        "description": _description(account),
        "displayName": identity.display_name,
    }
    if site:
        made["website"] = site
    if identity.avatar:
        reference = {"$link": _avatar_cid(identity.avatar)}
        made["avatar"] = {"$type": "blob", "ref": reference, "mimeType": "image/jpeg", "size": 46778}
    return made


def profile_view(account: Account) -> dict[str, Any]:
    """Give the profile as the app shows it; a taken-down account has none."""
    identity, site = account.identity, _site(account)
    made: dict[str, Any] = {
        "$type": "app.bsky.actor.defs#profileViewDetailed",
        "did": account.native_id,
        "handle": shown_handle(account),
        "displayName": identity.display_name,
        "description": _description(account),
        "followersCount": account.number * 104729 % 900,
        "followsCount": account.number * 1299709 % 500,
        "postsCount": 12 + account.number * 7919 % 3000,
        "associated": ASSOCIATED,
        "indexedAt": ids.iso(account.created),
        "createdAt": ids.iso(account.created),
        "labels": [],
    }
    if identity.avatar:
        cid = _avatar_cid(identity.avatar)
        made["avatar"] = f"https://cdn.bsky.app/img/avatar/plain/{account.native_id}/{cid}"
    if site:
        made["website"] = site
    return made


def record_subject(view: View, account: Account, post: Post) -> dict[str, Any]:
    """Give a post as a moderation subject, its mention marked by byte offsets."""
    text = post.text
    value: dict[str, Any] = {"$type": _POST, "createdAt": ids.iso(post.at), "langs": ["en"]}
    if post.target is not None:
        target = view.world.targets[post.target]
        mention = f"@{target.handle}.test"
        start = len(text[: text.index("{t}")].encode())
        text = text.replace("{t}", mention, 1)
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": target.did}
        index = {"byteStart": start, "byteEnd": start + len(mention.encode())}
        value["facets"] = [{"index": index, "features": [feature]}]
        if post.number % 2 == 0:
            parent = _parent(target.did, target.number)
            value["reply"] = {"root": parent, "parent": parent}
    return {
        "uri": f"at://{account.native_id}/{_POST}/{ids.tid(post.at, post.number)}",
        "cid": ids.cid("post", view.world.seed, post.number),
        "value": {**value, "text": text},
        "blobs": [],
        "labels": [],
        "indexedAt": ids.iso(post.at + 2 * ids.SECOND),
        "moderation": {},
        "repo": {"did": account.native_id, "handle": shown_handle(account)},
    }


def _parent(did: str, number: int) -> dict[str, str]:
    return {
        "uri": f"at://{did}/{_POST}/{ids.tid(ids.CAMPAIGN + number * ids.MINUTE, number)}",
        "cid": ids.cid("parent", number),
    }
