"""Harassment Manager's CSV for some candidates: tweets by handle only, with a side table in the first column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from graphmatch.simulate import ids
from graphmatch.simulate.draws import Draws
from graphmatch.simulate.exports.files import write_table
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import Post, Report, Role

COLUMNS = (
    "Report Summary",
    "Comment",
    "Image",
    "Hashtags",
    "Author",
    "Time Posted",
    "Tweet ID",
    "Tweet URL",
    "TOXICITY (%)",
    "SEVERE_TOXICITY (%)",
    "INSULT (%)",
    "PROFANITY (%)",
    "THREAT (%)",
    "IDENTITY_ATTACK (%)",
    "Retweets",
    "Likes",
    "Comments",
)
#: The candidates whose offices use the tool.
_OFFICES = 20
_REASONS = {
    "violence.threat": "Specific violent threats involving physical safety or well-being",
    "hatred.protected_characteristic": "Directs hate against a protected category (for example, race, religion, "
    "gender, orientation, or disability)",
    "intimidation.doxxing": "Exposed private information or photo",
    "other.spam": "Spam",
}
_CONTEXTS = ("Started after the council meeting", "Since the hustings", "", "After the leaflet went out")


def told_here(view: View) -> set[int]:
    """Choose the accounts of X that are reported through the tool alone: nothing but their handle is known."""
    chosen, aimed = set(), defaultdict(list)
    for report in view.reports:
        aimed[report.account].append(report)
    for account in view.accounts:
        reports = aimed.get(account.number, [])
        kept = account.enforced is None and view.world.persons[account.person].role is not Role.IMPERSONATOR
        if kept and account.number % 3 == 0 and any(_office(view, report) is not None for report in reports):
            chosen.add(account.number)
    return chosen


def write(view: View, out: Path, *, accounts: set[int]) -> None:
    """Write a CSV for each office into ``out``, holding the reported tweets of ``accounts``."""
    tweets: dict[int, dict[int, list[Report]]] = defaultdict(lambda: defaultdict(list))
    for report in view.reports:
        office = _office(view, report)
        if report.account in accounts and office is not None and report.post is not None:
            tweets[office][report.post].append(report)
    draws = Draws(view.world.seed, 99)
    for office, reported in sorted(tweets.items()):
        name = f"harassment_report_{view.world.targets[office].handle}.csv"
        write_table(out / name, COLUMNS, _rows(view, office, reported, draws))


def _office(view: View, report: Report) -> int | None:
    target = None if report.post is None else view.world.posts[report.post].target
    return target if target is not None and target < _OFFICES else None


def _rows(view: View, office: int, reported: dict[int, list[Report]], draws: Draws) -> Iterator[list[str]]:
    leaves = {report.leaf for reports in reported.values() for report in reports}
    reasons = ["Harassment", *(reason for leaf, reason in _REASONS.items() if leaf in leaves)]
    made = max(report.at for reports in reported.values() for report in reports)
    side = [
        f"Directed at: {view.world.targets[office].handle}",
        f"Created on: {ids.spoken_date(made)}",
        f"Total comments: {len(reported)}",
        f"Reported due to: {', '.join(reasons[:3])}",
        f"Context: {draws.pick(_CONTEXTS)}",
    ]
    tweets = [_tweet(view, view.world.posts[number], draws) for number in sorted(reported)]
    for summary, tweet in zip_longest(side, tweets):
        yield [summary or "", *(tweet or [])]


def _tweet(view: View, post: Post, draws: Draws) -> list[str]:
    account = view.account(post.account)
    number = ids.snowflake(post.at, post.number)
    mention = "" if post.target is None else f"@{view.world.targets[post.target].handle}"
    text = post.text.replace("{t}", mention)
    return [
        text,
        "No",
        ", ".join(word for word in text.split() if word.startswith("#")),
        account.handle,
        ids.spoken_date(post.at),
        str(number),
        f"https://twitter.com/{account.handle}/status/{number}",
        *(f"{draws.between(500, 9999) / 100:.2f}" for _ in range(6)),
        *(str(draws.below(9)) for _ in range(3)),
    ]
