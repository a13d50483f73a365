"""The spreadsheets of candidates' offices: one CSV a platform that has no export of its own.

Written the way offices write: dates as ``dd/mm/yyyy``, handles with or without ``@`` or missing beside an address,
several words for one platform and one outcome, and most columns often blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphmatch.simulate import ids
from graphmatch.simulate.difficulty import Difficulty
from graphmatch.simulate.draws import Draws
from graphmatch.simulate.exports.files import write_table
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import Account, Enforcement, Outcome, Post, Report

COLUMNS = (
    "report_id",
    "reported_at",
    "platform",
    "account_url",
    "handle",
    "display_name",
    "content_url",
    "content_text",
    "content_at",
    "category",
    "target",
    "reporter_ref",
    "action",
    "action_at",
    "evidence_url",
    "notes",
    "bio",
    "location",
    "profile_links",
    "created_at",
)
_PLATFORM_WORDS = {
    "x": ("X", "Twitter", "twitter", "X"),
    "facebook": ("Facebook", "facebook"),
    "tiktok": ("TikTok", "tiktok"),
    "instagram": ("Instagram", "instagram"),
    "telegram": ("Telegram", "telegram"),
    "youtube": ("YouTube", "youtube"),
}
_CATEGORIES = {
    "violence.threat": ("threat", "death threat", "violent threat"),
    "abuse.harassment_targeted": ("harassment", "abuse and harassment"),
    "abuse.insult": ("abuse", "insults"),
    "hatred.protected_characteristic": ("hate speech", "racist abuse"),
    "intimidation.threat_nonviolent": ("intimidation",),
    "intimidation.doxxing": ("doxxing", "posted home address"),
    "civic.election_misinformation": ("false voting information",),
    "deception.impersonation": ("impersonation", "fake account"),
    "deception.ban_evasion": ("ban evasion",),
    "other.spam": ("spam",),
    "debate.off_topic": ("other",),
}
_OUTCOMES = {
    Outcome.SUSPENDED: ("banned", "banned permanently"),
    Outcome.SUSPENDED_FOR_DAYS: ("suspended",),
    Outcome.REMOVED: ("removed", "removed by platform"),
    Outcome.DISMISSED: ("no violation",),
}


def write(view: View, out: Path, *, elsewhere: set[int]) -> None:
    """Write ``reports.csv`` into ``out``, without the accounts that stand ``elsewhere``."""
    write_table(out / "reports.csv", COLUMNS, _rows(view, elsewhere))


def _rows(view: View, elsewhere: set[int]) -> Iterator[list[str]]:
    draws = Draws(view.world.seed, 100 + sorted(_PLATFORM_WORDS).index(view.platform))
    told: set[int] = set()
    for serial, report in enumerate(view.reports):
        if report.account not in elsewhere:
            # The first row of an account names what its platform did; later ones mostly.
            first = report.account not in told
            told.add(report.account)
            yield _row(view, report, f"NM-{view.platform[0].upper()}{serial + 1:06}", draws, first=first)


def _row(view: View, report: Report, serial: str, draws: Draws, *, first: bool) -> list[str]:
    account, difficulty = view.account(report.account), view.world.difficulty
    identity = account.identity
    post = None if report.post is None else view.world.posts[report.post]
    done = view.of_account.get(account.number, [])
    last = next((e for e in reversed(done) if e.outcome in _OUTCOMES and e.post in (None, report.post)), None)
    answer = last if last and (first or draws.chance(0.7)) else None
    handle = draws.pick((f"@{account.handle}", account.handle, ""))
    if account.native_id[0] != "@" and account.platform == "facebook":
        handle = ""
    target = _target(view, report, post)
    known = draws.chance(0.8)
    return [
        serial,
        ids.london(report.at) if draws.chance(0.4) else ids.iso(report.at),
        draws.pick(_PLATFORM_WORDS[view.platform]),
        account.url,
        handle,
        identity.display_name if known else "",
        _content_url(account, post) if post else "",
        _words(view, post) if post else "",
        ids.iso(post.at) if post and draws.chance(difficulty.timed) else "",
        draws.pick(_CATEGORIES[report.leaf]),
        target,
        "candidate" if report.by_target else f"vol-{report.reporter:03}",
        draws.pick(_OUTCOMES[answer.outcome]) if answer else "",
        _action_time(answer, draws, difficulty) if answer else "",
        "",
        report.comment,
        identity.bio if known else "",
        (identity.location or "") if known else "",
        " ".join(identity.links) if known else "",
        ids.iso_day(account.created) if draws.chance(difficulty.dated) else "",
    ]


def _target(view: View, report: Report, post: Post | None) -> str:
    number = post.target if post else view.world.persons[view.account(report.account).person].targets[0]
    return "" if number is None else view.world.targets[number].name


def _action_time(enforcement: Enforcement, draws: Draws, difficulty: Difficulty) -> str:
    """Write when the platform acted: offices mostly know the day only."""
    return ids.iso(enforcement.at) if draws.chance(difficulty.to_the_minute) else ids.london(enforcement.at)[:10]


def _words(view: View, post: Post) -> str:
    return post.text.replace("{t}", "" if post.target is None else f"@{view.world.targets[post.target].handle}")


def _content_url(account: Account, post: Post) -> str:
    number = ids.snowflake(post.at, post.number)
    return {
        "x": f"https://x.com/{account.handle}/status/{number}",
        "facebook": f"https://www.facebook.com/groups/northmoor/posts/{7_000_000_000 + post.number}/",
        "tiktok": f"https://www.tiktok.com/@{account.handle}/video/{7_490_000_000_000_000_000 + post.number}",
        "instagram": f"https://www.instagram.com/p/C{ids.token('p', post.number, width=10)}/",
        "telegram": f"https://t.me/northmoor_chat/{100_000 + post.number}",
        "youtube": f"https://www.youtube.com/watch?v=nm&lc=Ug{ids.token('lc', post.number, width=24)}",
    }[account.platform]
