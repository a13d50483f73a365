"""The world, sorted for those who export it: what each platform knows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from graphmatch.simulate.world import Account, Enforcement, Outcome, Report, World


@dataclass(slots=True)
class View:
    """What the exports of one platform hold; lists are in order of time."""

    world: World
    platform: str
    accounts: list[Account]
    reports: list[Report] = field(default_factory=list)
    enforcements: list[Enforcement] = field(default_factory=list)
    of_account: dict[int, list[Enforcement]] = field(default_factory=lambda: defaultdict(list))
    report_counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    removed_posts: dict[int, int] = field(default_factory=dict)  # post → when

    def account(self, number: int) -> Account:
        """Give an account by its number."""
        return self.world.accounts[number]

    def gone(self, account: Account, as_of: int) -> bool:
        """Say whether the account's profile was blank at ``as_of``, because the platform had suspended it for good."""
        return any(e.outcome is Outcome.SUSPENDED and e.at <= as_of for e in self.of_account.get(account.number, ()))

    def answer(self, report: Report, as_of: int) -> Enforcement | None:
        """Give what closed a report by ``as_of``: the first enforcement after it that is about the same thing."""
        for enforcement in self.of_account.get(report.account, ()):
            about = enforcement.post is None or enforcement.post == report.post
            if about and report.at < enforcement.at <= as_of:
                return enforcement
        return None


def views(world: World) -> dict[str, View]:
    """Sort the world by platform."""
    made: dict[str, View] = {}
    for account in world.accounts:
        if account.platform not in made:
            made[account.platform] = View(world, account.platform, [])
        made[account.platform].accounts.append(account)
    for report in world.reports:
        view = made[world.accounts[report.account].platform]
        view.reports.append(report)
        view.report_counts[report.account] += 1
    for enforcement in world.enforcements:
        view = made[world.accounts[enforcement.account].platform]
        view.enforcements.append(enforcement)
        view.of_account[enforcement.account].append(enforcement)
        if enforcement.outcome is Outcome.REMOVED and enforcement.post is not None:
            view.removed_posts[enforcement.post] = enforcement.at
    return dict(sorted(made.items()))
