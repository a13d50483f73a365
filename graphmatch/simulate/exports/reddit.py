"""What the moderators of some subreddits can export: mod queue, mod log, ban list and mod notes.

Reports are counts per reason on a post: who reported, and when, is not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphmatch.simulate import ids
from graphmatch.simulate.exports.files import write_object
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import Account, Enforcement, Outcome, Post

_REASONS = {
    "violence.threat": "It threatens violence or physical harm at {who}",
    "abuse.harassment_targeted": "It's targeted harassment at {who}",
    "abuse.insult": "It's rude, vulgar or offensive",
    "hatred.protected_characteristic": "It's promoting hate based on identity or vulnerability",
    "intimidation.doxxing": "It's personal and confidential information",
    "intimidation.threat_nonviolent": "It's targeted harassment at {who}",
    "civic.election_misinformation": "This is misinformation",
    "deception.ban_evasion": "Ban evasion",
    "other.spam": "This is spam",
}
_HEAD = '{"kind":"Listing","data":{"after":null,"before":null,"dist":null,"modhash":null,"geo_filter":null,"children":'
_DEPRECATED = ["This attribute is deprecated. Please use mod_reports and user_reports instead."]
_BANS = (Outcome.SUSPENDED, Outcome.SUSPENDED_FOR_DAYS)
_SUBREDDITS = ("northmoor", "saltmire", "underfell", "harrowbeck", "pellworth")
_MODERATORS = ("northmoor_mod_a", "northmoor_mod_b")
_NO_REASON = "It's rude, vulgar or offensive"


def write(view: View, out: Path) -> None:
    """Write ``modqueue.json``, ``modlog.json``, ``banned_<subreddit>.json`` and ``mod_notes.json`` into ``out``."""
    head = _HEAD.replace('"geo_filter":null,', "")
    write_object(out / "modqueue.json", _HEAD, _things(view), "}}")
    write_object(out / "modlog.json", head, _log(view), "}}")
    bans: dict[str, list[Enforcement]] = defaultdict(list)
    for enforcement in view.enforcements:
        if enforcement.outcome in _BANS:
            bans[_subreddit(view, view.account(enforcement.account))].append(enforcement)
    for subreddit, entries in sorted(bans.items()):
        write_object(out / f"banned_{subreddit}.json", head.replace('"dist":null,', ""), _bans(view, entries), "}}")
    write_object(out / "mod_notes.json", '{"mod_notes":', _notes(view), "}")


def _subreddit(view: View, account: Account) -> str:
    targets = view.world.persons[account.person].targets
    return _SUBREDDITS[targets[0] % len(_SUBREDDITS)]


def _fullname(post: Post) -> str:
    if post.number % 7 == 0:
        return "t3_" + ids.base36(3_800_000_000 + post.number)
    return "t1_" + ids.base36(48_800_000_000 + post.number)


def _words(view: View, post: Post) -> str:
    name = "" if post.target is None else view.world.targets[post.target].name.split()[-1]
    return post.text.replace("{t}", name)


def _things(view: View) -> Iterator[dict[str, Any]]:
    """Give each reported post with the counts of its reasons; of some, the author has gone."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    first: dict[int, int] = {}
    own: dict[int, int] = {}
    for post in view.world.posts:
        own.setdefault(post.account, post.number)
    for report in view.reports:
        number = own[report.account] if report.post is None else report.post
        first.setdefault(report.account, number)
        who = "me" if report.by_target else "someone else"
        counts[number][_REASONS.get(report.leaf, _NO_REASON).format(who=who)] += 1
    dismissed = {e.post for e in view.enforcements if e.outcome is Outcome.DISMISSED and e.post is not None}
    for number in sorted(counts, reverse=True):
        post = view.world.posts[number]
        deleted = number % 11 == 0 and first[post.account] != number
        yield _thing(view, post, counts[number], deleted=deleted, approved=number in dismissed)


def _thing(view: View, post: Post, reasons: Counter[str], *, deleted: bool, approved: bool) -> dict[str, Any]:
    account, fullname = view.account(post.account), _fullname(post)
    reports = [[reason, count, False, True] for reason, count in sorted(reasons.items())]
    removed = view.removed_posts.get(post.number)
    comment = fullname.startswith("t1_")
    subreddit = _subreddit(view, account)
    threat = any(reason.startswith("It threatens") for reason in reasons)
    data: dict[str, Any] = {
        "subreddit_id": "t5_" + ids.base36(5_000_000 + _SUBREDDITS.index(subreddit)),
        "approved_at_utc": None,
        "author_is_blocked": False,
        "mod_reason_by": None,
        "banned_by": _MODERATORS[0] if removed else None,
        "removal_reason": None,
        "author": "[deleted]" if deleted else account.handle,
    }
    if not deleted:
        data["author_fullname"] = account.native_id
    data |= {
        "subreddit": subreddit,
        "subreddit_name_prefixed": f"r/{subreddit}",
        "subreddit_type": "public",
        "name": fullname,
        "id": fullname[3:],
        "created": post.at / ids.SECOND // 1,
        "created_utc": post.at / ids.SECOND // 1,
        "banned_at_utc": removed // ids.SECOND if removed else None,
        "mod_reason_title": None,
        "mod_note": None,
        "distinguished": None,
        "edited": False,
        "stickied": False,
        "locked": False,
        "archived": False,
        "can_mod_post": True,
        "ignore_reports": False,
        "score": -3,
        "ups": -3,
        "downs": 0,
        "likes": None,
        "saved": False,
        "gilded": 0,
        "author_flair_text": None,
        "author_premium": False,
        "removed": removed is not None,
        "spam": False,
        "approved": approved,
        "approved_by": _MODERATORS[1] if approved else None,
        "report_reasons": _DEPRECATED,
        "mod_reports": [["threat - escalate", _MODERATORS[0]]] if threat and post.number % 4 == 0 else [],
        "user_reports": [] if approved else reports,
        "mod_reports_dismissed": [],
        "user_reports_dismissed": reports if approved else [],
        "num_reports": sum(reasons.values()),
    }
    words = "[removed]" if deleted else _words(view, post)
    return {
        "kind": fullname[:2],
        "data": data | (_as_comment(view, post, words) if comment else _as_link(post, subreddit, words)),
    }


def _as_comment(view: View, post: Post, words: str) -> dict[str, Any]:
    subreddit = _subreddit(view, view.account(post.account))
    asked = post.target is not None and post.number % 3 == 0  # a thread that the candidate opened
    thread = ids.base36(3_700_000_000 + (post.target or 0) * 100 + post.number % 50)
    link = f"https://www.reddit.com/r/{subreddit}/comments/{thread}/x/"
    return {
        "body": words,
        "body_html": f'<div class="md"><p>{words}</p>\n</div>',
        "link_id": f"t3_{thread}",
        "link_title": "Ask your candidate" if asked else "By-election megathread",
        "link_author": view.world.targets[post.target].handle if asked and post.target is not None else "AutoModerator",
        "link_url": link,
        "link_permalink": link,
        "parent_id": f"t3_{thread}",
        "permalink": f"/r/{subreddit}/comments/{thread}/x/{_fullname(post)[3:]}/",
        "replies": "",
        "depth": 0,
        "controversiality": 0,
        "score_hidden": False,
        "is_submitter": False,
        "collapsed": False,
        "num_comments": 41,
        "over_18": False,
        "quarantine": False,
    }


def _as_link(post: Post, subreddit: str, words: str) -> dict[str, Any]:
    permalink = f"/r/{subreddit}/comments/{_fullname(post)[3:]}/x/"
    return {
        "title": words[:80],
        "selftext": words,
        "selftext_html": f'<!-- SC_OFF --><div class="md"><p>{words}</p>\n</div><!-- SC_ON -->',
        "url": f"https://www.reddit.com{permalink}",
        "permalink": permalink,
        "domain": f"self.{subreddit}",
        "is_self": True,
        "num_comments": 12,
        "over_18": False,
        "spoiler": False,
        "hidden": False,
        "quarantine": False,
        "removed_by": None,
        "removed_by_category": None,
        "upvote_ratio": 0.3,
        "link_flair_text": None,
        "thumbnail": "self",
    }


def _log(view: View) -> Iterator[dict[str, Any]]:
    for serial in range(len(view.enforcements) - 1, -1, -1):
        enforcement = view.enforcements[serial]
        post = None if enforcement.post is None else view.world.posts[enforcement.post]
        action = _action(enforcement, post)
        if action is not None:
            yield {"kind": "modaction", "data": _log_entry(view, enforcement, post, action, serial)}


def _action(enforcement: Enforcement, post: Post | None) -> str | None:
    if enforcement.outcome in _BANS:
        return "banuser"
    if enforcement.outcome is Outcome.LIMITED:
        return "muteuser"
    if post is None:
        return None
    kind = "comment" if _fullname(post).startswith("t1_") else "link"
    return {Outcome.REMOVED: "remove", Outcome.DISMISSED: "approve"}[enforcement.outcome] + kind


def _log_entry(view: View, enforcement: Enforcement, post: Post | None, action: str, serial: int) -> dict[str, Any]:
    account = view.account(enforcement.account)
    subreddit = _subreddit(view, account)
    details = {"remove": "confirm_ham", "approv": "unspam", "banuse": _length(enforcement)}.get(action[:6])
    permalink = f"/r/{subreddit}/comments/{_fullname(post)[3:]}/x/" if post else None
    return {
        "id": "ModAction_" + ids.token("modlog", view.world.seed, serial, width=26),
        "description": None if post else enforcement.reason,
        "target_body": _words(view, post) if post else None,
        "mod_id36": "4cixf",
        "created_utc": enforcement.at / ids.SECOND // 1,
        "subreddit": subreddit,
        "subreddit_name_prefixed": f"r/{subreddit}",
        "target_title": "By-election megathread" if post else None,
        "target_permalink": permalink,
        "details": details,
        "action": action,
        "target_author": account.handle,
        "target_fullname": _fullname(post) if post else account.native_id,
        "sr_id36": ids.base36(5_000_000 + _SUBREDDITS.index(subreddit)),
        "mod": _MODERATORS[serial % 2],
    }


def _length(enforcement: Enforcement) -> str:
    return "permanent" if enforcement.days is None else f"{enforcement.days} days"


def _bans(view: View, entries: list[Enforcement]) -> Iterator[dict[str, Any]]:
    for serial, enforcement in enumerate(reversed(entries)):
        account = view.account(enforcement.account)
        yield {
            "date": enforcement.at / ids.SECOND // 1,
            "rel_id": "rb_" + ids.base36(100_000 + serial),
            "name": account.handle,
            "id": account.native_id,
            "note": enforcement.reason,
            "days_left": enforcement.days,
        }


def _notes(view: View) -> Iterator[dict[str, Any]]:
    """Give the notes that moderators left: bans, and whose alt they think an account is."""
    for enforcement in reversed(view.enforcements):
        if enforcement.outcome in _BANS:
            action = {
                "action": "banuser",
                "reddit_id": None,
                "details": _length(enforcement),
                "description": enforcement.reason,
            }
            yield _note(view, view.account(enforcement.account), enforcement.at, "BAN", action, None)
    nothing = {"action": None, "reddit_id": None, "details": None, "description": None}
    for report in reversed(view.reports):
        if any(sign in report.comment for sign in (" again", "same person", "same bloke", "alt of", "evasion of")):
            yield _note(view, view.account(report.account), report.at, "NOTE", nothing, report.comment)


def _note(
    view: View, account: Account, at: int, kind: str, action: dict[str, Any], words: str | None
) -> dict[str, Any]:
    subreddit = _subreddit(view, account)
    return {
        "subreddit_id": "t5_" + ids.base36(5_000_000 + _SUBREDDITS.index(subreddit)),
        "operator_id": "t2_4cixf",
        "mod_action_data": action,
        "subreddit": subreddit,
        "user": account.handle,
        "operator": _MODERATORS[0],
        "id": "ModNote_" + ids.token("note", view.world.seed, account.number, at, kind, width=26),
        "user_note_data": {"note": words, "reddit_id": None, "label": "BAN" if words else None},
        "user_id": account.native_id,
        "cursor": ids.token("cursor", at, width=12),
        "created_at": at // ids.SECOND,
        "type": kind,
    }
