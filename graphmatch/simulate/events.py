"""What happens to the accounts: what they post, who reports it, and what their platforms do about it."""

from __future__ import annotations

from graphmatch.simulate import ids, texts
from graphmatch.simulate.draws import Draws, Weights
from graphmatch.simulate.world import Account, Enforcement, Outcome, Person, Post, Report, Role, World

_ABUSE = Weights(
    {
        "abuse.harassment_targeted": 0.30,
        "abuse.insult": 0.22,
        "violence.threat": 0.13,
        "hatred.protected_characteristic": 0.13,
        "intimidation.threat_nonviolent": 0.12,
        "civic.election_misinformation": 0.06,
        "intimidation.doxxing": 0.04,
    }
)
_LEAVES = {
    Role.CRITIC: "debate.robust_criticism",
    Role.BYSTANDER: "debate.off_topic",
    Role.LOOKALIKE: "debate.off_topic",
    Role.SPAMMER: "other.spam",
    Role.IMPERSONATOR: "deception.impersonation",
}
_SLOGAN = "abuse.harassment_targeted"
#: What lawful posts are reported as.
_ALLEGED = {
    Role.CRITIC: ("abuse.insult", "abuse.harassment_targeted", "hatred.protected_characteristic"),
    Role.BYSTANDER: ("abuse.insult", "other.spam", "debate.off_topic"),
    Role.LOOKALIKE: ("deception.impersonation", "deception.ban_evasion", "abuse.insult"),
}
#: Tail of the number of reports against one account, and the most there can be.
_TAILS = {
    Role.ABUSER: (1.5, 40),
    Role.EVADER: (1.5, 40),
    Role.SPAMMER: (1.7, 20),
    Role.CRITIC: (1.4, 20),
    Role.IMPERSONATOR: (2.0, 8),
}
#: Platforms whose exports show enforcements that no report led to.
_SHOWS_UNREPORTED = frozenset({"mastodon", "bluesky"})


def happen(world: World) -> None:
    """Let every account post, be reported and be dealt with; reports end up in order of time."""
    events = _Events(world)
    for account in world.accounts:
        events.of(account)
    world.reports.sort(key=lambda report: (report.at, report.account))
    world.enforcements.sort(key=lambda enforcement: (enforcement.at, enforcement.account))


class _Events:
    def __init__(self, world: World) -> None:
        self._world = world
        self._slips_by = world.difficulty.slips_by
        self._draws = Draws(world.seed, 3)
        count = len(world.reporters)
        brigade = max(4, count // 5)
        self._reporters = Weights.power_law(range(count - brigade), 0.6)
        self._brigade = range(count - brigade, count)
        self._models = {resembling: model for model, resembling, _ in world.decoys}

    def of(self, account: Account) -> None:
        """Tell the story of one account."""
        person = self._world.persons[account.person]
        account.reported = not self._slipped_by(account, person)
        if not account.reported:
            at = self._draws.between(account.first_abuse, account.until)
            self._world.enforcements.append(
                Enforcement(account.number, None, at, Outcome.LIMITED, texts.REASONS["abuse.insult"])
            )
            return
        posts = self._posts(account, person)
        reports = self._reports(account, person, posts)
        self._name_the_last(account, reports)
        self._world.reports.extend(reports)
        self._enforce(account, person, posts, reports)

    def _slipped_by(self, account: Account, person: Person) -> bool:
        """Say whether a place noticed an account before anybody reported it there."""
        lonely = person.role in (Role.EVADER, Role.ABUSER) and account.enforced is None and account.moved_to is None
        known = account.platform in _SHOWS_UNREPORTED and account.previous is not None
        return lonely and known and self._draws.chance(self._slips_by)

    def _posts(self, account: Account, person: Person) -> list[Post]:
        draws, last = self._draws, account.until - ids.HOUR
        quiet = person.role in (Role.BYSTANDER, Role.LOOKALIKE)
        count = 1 if quiet else draws.heavy(1.6, 6)
        times = sorted(draws.between(account.first_abuse, last) for _ in range(count))
        times[0] = min(times[0], account.first_abuse + draws.between(0, 6 * ids.HOUR), last)
        aims = person.targets if person.role is not Role.IMPERSONATOR else person.targets[:1]
        made: list[Post] = []
        for at in times:
            target = draws.pick(aims)
            leaf = _LEAVES.get(person.role) or draws.weighted(_ABUSE)
            text = texts.post(draws, leaf)
            if person.community is not None and draws.chance(0.6):
                slogans = self._world.communities[person.community].slogans
                leaf, text = _SLOGAN, texts.near_slogan(draws, draws.pick(slogans))
            number = len(self._world.posts) + len(made)
            made.append(Post(number, account.number, at, leaf, text, target if "{t}" in text else None))
        self._world.posts.extend(made)
        return made

    def _reports(self, account: Account, person: Person, posts: list[Post]) -> list[Report]:
        draws = self._draws
        last = (account.enforced or ids.PULL) - 10 * ids.MINUTE
        count = draws.heavy(*_TAILS[person.role]) if person.role in _TAILS else 1
        made = []
        for _ in range(count):
            post = draws.pick(posts)
            leaf = self._alleged(account, person, post)
            by_target = post.target is not None and draws.chance(0.12)
            who = post.target if by_target and post.target is not None else draws.weighted(self._reporters)
            at = min(post.at + int(draws.lognormal(2.5, 1.4) * ids.HOUR) + ids.MINUTE, last)
            whole = draws.chance(0.25)
            made.append(
                Report(
                    account.number,
                    None if whole else post.number,
                    max(at, post.at + ids.MINUTE),
                    leaf,
                    texts.comment(draws, leaf),
                    who,
                    by_target,
                )
            )
        if person.role is Role.CRITIC and draws.chance(0.6 if person.size > 1 else 0.3):
            made.extend(self._burst(account, draws.pick(posts)))
        return made

    def _alleged(self, account: Account, person: Person, post: Post) -> str:
        if person.role in _ALLEGED:
            return self._draws.pick(_ALLEGED[person.role])
        if person.role in (Role.SPAMMER, Role.IMPERSONATOR):
            return _LEAVES[person.role]
        if account.previous is not None and person.role is Role.EVADER and self._draws.chance(0.15):
            return "deception.ban_evasion"
        return post.leaf if self._draws.chance(0.75) else self._draws.weighted(_ABUSE)

    def _burst(self, account: Account, post: Post) -> list[Report]:
        """Let a brigade report one post within two hours, in the same few words."""
        draws = self._draws
        begins = min(post.at + draws.between(ids.MINUTE, 12 * ids.HOUR), ids.PULL - 3 * ids.HOUR)
        begins = max(begins, post.at + ids.MINUTE)
        leaf, words = draws.pick(_ALLEGED[Role.CRITIC]), draws.some(texts.BRIGADE, 2)
        members = draws.some(self._brigade, draws.between(5, 18))
        return [
            Report(
                account.number,
                post.number,
                begins + draws.between(0, 2 * ids.HOUR),
                leaf,
                draws.pick(words),
                member,
            )
            for member in members
        ]

    def _name_the_last(self, account: Account, reports: list[Report]) -> None:
        """Let a reporter say whose account this is; reporters of look-alikes may be wrong."""
        believed = account.previous if account.previous is not None else self._models.get(account.number)
        probability = 0.22 if account.previous is not None else 0.08
        if believed is None or not self._draws.chance(probability):
            return
        place = self._draws.below(len(reports))
        named = self._world.accounts[believed]
        old = reports[place]
        words = texts.claim(self._draws, named.handle, named.platform)
        reports[place] = Report(old.account, old.post, old.at, old.leaf, words, old.reporter, old.by_target)

    def _enforce(self, account: Account, person: Person, posts: list[Post], reports: list[Report]) -> None:
        draws, add = self._draws, self._world.enforcements.append
        reason = texts.REASONS.get(reports[0].leaf, "Rule violation")
        first = min(report.at for report in reports)
        if account.enforced is not None:
            self._first_steps(account, posts, first, reason)
            days = draws.pick((3, 7, 28)) if draws.chance(0.1) else None
            outcome = Outcome.SUSPENDED if days is None else Outcome.SUSPENDED_FOR_DAYS
            add(Enforcement(account.number, None, account.enforced, outcome, reason, days))
            return
        at = min(first + int(draws.lognormal(20, 1.0) * ids.HOUR), ids.PULL - ids.MINUTE)
        if person.role in _ALLEGED:
            if draws.chance(0.75):
                looked_at: list[int | None] = [*sorted({r.post for r in reports if r.post is not None})]
                for about in looked_at or [None]:
                    add(Enforcement(account.number, about, at, Outcome.DISMISSED, "Within the rules"))
        elif draws.chance(0.5):
            outcome = draws.pick((Outcome.REMOVED, Outcome.REMOVED, Outcome.WARNED, Outcome.LIMITED))
            post = draws.pick(posts).number if outcome is Outcome.REMOVED else None
            add(Enforcement(account.number, post, at, outcome, reason))

    def _first_steps(self, account: Account, posts: list[Post], first: int, reason: str) -> None:
        """Remove a post or warn, some time before the account goes."""
        draws, last = self._draws, (account.enforced or ids.PULL) - ids.MINUTE
        if draws.chance(0.3):
            post = draws.pick(posts)
            at = draws.between(max(first, post.at), last)
            self._world.enforcements.append(Enforcement(account.number, post.number, at, Outcome.REMOVED, reason))
        if draws.chance(0.2):
            outcome = draws.pick((Outcome.WARNED, Outcome.LIMITED))
            self._world.enforcements.append(
                Enforcement(account.number, None, draws.between(first, last), outcome, reason)
            )
