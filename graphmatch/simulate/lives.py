"""Lets every person open accounts and move between them, by role. Kinds of move are those of DESIGN §6."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from graphmatch.model import MigrationKind
from graphmatch.simulate import ids, names, words
from graphmatch.simulate.accounts import Registry, Times, said_before
from graphmatch.simulate.draws import Draws, Weights
from graphmatch.simulate.identities import Addresses, disguised, openly
from graphmatch.simulate.persons import ROUTES
from graphmatch.simulate.world import (
    FEDIVERSE,
    HOME,
    Account,
    HandleParts,
    Identity,
    Migration,
    Person,
    Role,
    Trace,
    World,
)

_PLATFORMS = Weights(
    {
        "x": 0.22,
        "bluesky": 0.19,
        "mastodon": 0.17,
        "reddit": 0.15,
        "facebook": 0.08,
        "telegram": 0.06,
        "tiktok": 0.06,
        "instagram": 0.04,
        "youtube": 0.03,
    }
)
_BY_HANDLE = (Trace.SAME_HANDLE, Trace.DIGITS, Trace.FOLDED)
#: Traces that any platform can show, near enough.
_PLAIN = (*_BY_HANDLE, Trace.OLD_BIO, Trace.NAME_KEPT)
#: The last moment at which a chain of moves may still go on.
_LAST = ids.PULL - 2 * ids.DAY
#: So many evaders make a route well-trodden.
TRODDEN = 3
DECOYS = ("joe_job", "brewery", "namesake", "meme")
#: Chance that a lone account is removed in the end.
_REMOVED = {Role.ABUSER: 0.5, Role.SPAMMER: 0.7, Role.IMPERSONATOR: 0.6}


def live(world: World) -> None:
    """Open every person's accounts; those that resemble others come last."""
    lives = _Lives(world)
    later = (Role.IMPERSONATOR, Role.LOOKALIKE)
    for person in world.persons:
        if person.role not in later:
            lives.open(person)
    lives.remember_models()
    for person in world.persons:
        if person.role in later:
            lives.open(person)


def complete(world: World) -> bool:
    """Tell whether a world shows every kind of decoy, and two routes between platforms that several evaders took."""
    evaders = {person.number for person in world.persons if person.role is Role.EVADER}
    routes = Counter(
        (world.accounts[move.origin].platform, world.accounts[move.destination].platform)
        for move in world.migrations
        if move.person in evaders
    )
    trodden = [route for route, count in routes.items() if route[0] != route[1] and count >= TRODDEN]
    return len(trodden) >= 2 and len({kind for _, _, kind in world.decoys}) == len(DECOYS)


class _Lives:
    def __init__(self, world: World) -> None:
        self._world = world
        self._difficulty = world.difficulty
        self._draws = Draws(world.seed, 2)
        self._addresses = Addresses(self._draws, len(world.persons))
        self._registry = Registry(world, self._draws)
        self._evaders = 0
        self._copies = 0
        self._models: list[Account] = []

    def remember_models(self) -> None:
        """Take note of the accounts that impersonators and look-alikes may resemble."""
        copied = (Role.ABUSER, Role.EVADER, Role.CRITIC)
        persons = self._world.persons
        self._models = [a for a in self._world.accounts if persons[a.person].role in copied]

    def open(self, person: Person) -> None:
        """Open all accounts of one person."""
        if person.role is Role.EVADER:
            self._evade(person)
        elif person.role is Role.IMPERSONATOR:
            self._impersonate(person)
        elif person.role is Role.LOOKALIKE:
            self._resemble(person)
        elif person.size == 1:
            self._alone(person, person.identity)
        elif person.role is Role.ABUSER and self._draws.chance(0.5):
            self._drift(person)
        else:
            self._everywhere(person)

    def _past(self) -> int:
        """Draw a time of opening before the campaign: many accounts are old, some days old."""
        return ids.CAMPAIGN - int(self._draws.lognormal(400, 1.1) * ids.DAY) % (4000 * ids.DAY) - ids.HOUR

    def _share(self, person: Person, identity: Identity) -> Identity:
        """Put the community's link on the profile of a member."""
        if person.community is None or not self._draws.chance(0.5):
            return identity
        link = self._world.communities[person.community].link
        return replace(identity, links=(*(old for old in identity.links if old != link), link))

    def _alone(self, person: Person, identity: Identity, trace: Trace = Trace.NONE) -> Account:
        draws = self._draws
        begins = ids.CAMPAIGN + draws.between(0, 58 * ids.DAY)
        created = begins - draws.between(ids.HOUR, 20 * ids.DAY) if draws.chance(0.15) else self._past()
        times = Times(created, begins, ids.PULL - ids.HOUR)
        platform = draws.weighted(_PLATFORMS)
        account = self._registry.open(person.number, platform, self._share(person, identity), times, trace)
        if draws.chance(_REMOVED.get(person.role, 0.0)):
            self._remove(account, begins + int(max(3.0, draws.lognormal(90, 1.0)) * ids.HOUR))
        return account

    def _remove(self, account: Account, at: int) -> None:
        account.enforced = account.until = min(at, max(account.first_abuse + 3 * ids.HOUR, _LAST))

    def _everywhere(self, person: Person) -> None:
        """Open accounts on several platforms and use them all throughout."""
        identity, opened = person.identity, []
        platforms = self._different(person.size)
        for place, platform in enumerate(platforms):
            begins = ids.CAMPAIGN + self._draws.between(0, 25 * ids.DAY)
            trace = Trace.OPEN if place else Trace.NONE
            shown = self._share(person, identity)
            times = Times(self._past(), begins, ids.PULL - ids.HOUR)
            opened.append(self._registry.open(person.number, platform, shown, times, trace))
            identity = openly(self._draws, identity)
        self._chain(opened)
        for before, after in pairwise(opened):
            self._cross_link(before, after, 0.3, back=self._draws.chance(0.7))
        opened.sort(key=lambda account: account.created)
        for origin, destination in pairwise(opened):
            self._move(origin, destination, MigrationKind.MULTI_HOMED, destination.first_abuse)

    def _drift(self, person: Person) -> None:
        """Leave one account for the next with nobody pushing."""
        identity, opened = person.identity, []
        step = 50 * ids.DAY // person.size
        begins = ids.CAMPAIGN + self._draws.between(0, 5 * ids.DAY)
        for place, platform in enumerate(self._different(person.size)):
            last = place == person.size - 1
            until = ids.PULL - ids.HOUR if last else begins + step - self._draws.between(0, 4 * ids.DAY)
            trace = Trace.OPEN if place else Trace.NONE
            times = Times(self._past(), begins, until)
            opened.append(self._registry.open(person.number, platform, self._share(person, identity), times, trace))
            begins = until + self._draws.between(ids.HOUR, 4 * ids.DAY)
            identity = openly(self._draws, identity)
        self._chain(opened)
        for origin, destination in pairwise(opened):
            self._move(origin, destination, MigrationKind.DRIFTED, destination.first_abuse)

    def _different(self, count: int) -> list[str]:
        platforms: list[str] = []
        while len(platforms) < count:
            platform = self._draws.weighted(_PLATFORMS)
            if platform not in platforms:
                platforms.append(platform)
        return platforms

    @staticmethod
    def _chain(opened: list[Account]) -> None:
        for before, after in pairwise(opened):
            after.previous = before.number

    def _cross_link(self, before: Account, after: Account, probability: float, *, back: bool) -> None:
        """Let a profile name the operator's other account, and perhaps the other way too."""
        if self._draws.chance(probability):
            _name_on(before, after)
            if back:
                _name_on(after, before)

    def _move(self, origin: Account, destination: Account, kind: MigrationKind, arrived: int) -> None:
        pushed = kind in (MigrationKind.DISPLACED, MigrationKind.PRE_POSITIONED, MigrationKind.RETURNED)
        self._world.migrations.append(
            Migration(
                origin.person, origin.number, destination.number, kind, origin.enforced if pushed else None, arrived
            )
        )

    def _evade(self, person: Person) -> None:
        """Be removed, come back elsewhere or in disguise, be removed again."""
        draws, world = self._draws, self._world
        community = None if person.community is None else world.communities[person.community]
        if community is not None and community.route is not None:
            route, removed = community.route, community.removed_at + draws.between(0, 8 * ids.HOUR)
        else:
            route = ROUTES[self._evaders % len(ROUTES)]
            removed = ids.CAMPAIGN + draws.between(6 * ids.DAY, 48 * ids.DAY)
            self._evaders += 1
        platforms = [*route, *(draws.weighted(_PLATFORMS) for _ in range(person.size - 2))]
        begins = ids.CAMPAIGN + draws.between(0, max(1, (removed - ids.CAMPAIGN) // 2))
        account = self._registry.open(
            person.number,
            platforms[0],
            self._share(person, person.identity),
            Times(self._past(), begins, removed),
            instance=HOME if platforms[0] == "mastodon" else None,
        )
        account.enforced = removed
        for place, platform in enumerate(platforms[1:], 2):
            account = self._next(person, account, platform, last=place == person.size)

    def _next(self, person: Person, before: Account, platform: str, *, last: bool) -> Account:
        """Open the account that follows ``before``, which was removed."""
        draws = self._draws
        kind = self._kind(before, platform)
        removed = before.until
        lag = max(10 * ids.MINUTE, int(draws.lognormal(30, 1.5) * ids.HOUR))
        back = removed + min(lag, int((_LAST - removed) * 0.4))
        begins = back + min(draws.between(20 * ids.MINUTE, 3 * ids.DAY), int((_LAST - back) * 0.3))
        created, arrived = back, back
        if kind is MigrationKind.PRE_POSITIONED:
            created, begins, arrived = removed - draws.between(20 * ids.DAY, 900 * ids.DAY), back, back
        until = begins + min(
            int(max(4.0, draws.lognormal(96, 0.8)) * ids.HOUR), max(3 * ids.HOUR, (_LAST - begins) // 2)
        )
        goes_on = last and not draws.chance(0.4)
        trace = self._trace(before, platform)
        identity = self._identity(before, trace)
        account = self._registry.open(
            person.number,
            platform,
            self._share(person, identity),
            Times(created, begins, ids.PULL - ids.HOUR if goes_on else until),
            trace,
            instance=self._home(kind, platform),
        )
        account.previous = before.number
        account.enforced = None if goes_on else until
        if kind is MigrationKind.PRE_POSITIONED or trace is Trace.DECLARED_BIO:
            self._cross_link(before, account, 0.4, back=trace is Trace.DECLARED_BIO)
        if kind is MigrationKind.DECLARED:
            before.moved_to, before.enforced = account.number, None
        self._move(before, account, kind, arrived)
        return account

    def _kind(self, before: Account, platform: str) -> MigrationKind:
        if platform == before.platform:
            declares = before.local and platform == "mastodon" and self._draws.chance(0.5)
            return MigrationKind.DECLARED if declares else MigrationKind.RETURNED
        return MigrationKind.PRE_POSITIONED if self._draws.chance(0.27) else MigrationKind.DISPLACED

    def _home(self, kind: MigrationKind, platform: str) -> str | None:
        if kind is MigrationKind.DECLARED:
            return self._draws.pick(FEDIVERSE[1:])
        return HOME if kind is MigrationKind.RETURNED and platform == "mastodon" else None

    def _trace(self, before: Account, platform: str) -> Trace:
        """Draw a disguise; one that the exports of the two platforms can show, mostly."""
        trace = self._draws.weighted(self._difficulty.disguises)
        if (
            "reddit" in (platform, before.platform)
            and trace not in _BY_HANDLE
            and self._draws.chance(self._difficulty.showable)
        ):
            return self._draws.pick(_BY_HANDLE)
        if trace is Trace.OLD_LINK and not before.identity.links:
            return self._draws.pick(_PLAIN)
        if trace is Trace.CONTACT and not (before.local and platform in ("mastodon", "bluesky")):
            return self._draws.pick(_PLAIN)
        return trace

    def _identity(self, before: Account, trace: Trace) -> Identity:
        identity = disguised(self._draws, before.identity, trace, self._addresses, self._difficulty)
        if trace is Trace.DECLARED_BIO:
            return replace(identity, bio=f"{said_before(before)} {identity.bio}".strip())
        return identity

    def _impersonate(self, person: Person) -> None:
        """Copy a target's profile, or, to get somebody else blamed, another account's."""
        draws, own = self._draws, person.identity
        self._copies += 1
        if self._copies % 5 < 3 or not self._models:
            target = self._world.targets[person.targets[0]]
            parts = names.copied(draws, HandleParts(target.handle))
            bio = f"{target.role.capitalize()} for Northmoor."
            copied = replace(own, parts=parts, display_name=target.name, bio=bio, links=())
            self._alone(person, copied)
            return
        model = draws.pick(self._models)
        parts = names.copied(draws, model.identity.parts)
        copied = replace(own, parts=parts, display_name=model.identity.display_name, bio=model.identity.bio, links=())
        self._world.decoys.append((model.number, self._alone(person, copied).number, "joe_job"))

    def _resemble(self, person: Person) -> None:
        """Resemble another's account by chance: a business, a namesake, a shared nickname."""
        draws, own = self._draws, person.identity
        if not self._models:
            self._alone(person, own)
            return
        model = draws.pick(self._models)
        theirs = model.identity
        why = ("brewery", "namesake", "meme")[self._copies % 3]
        self._copies += 1
        if why == "brewery":
            business = draws.pick(words.BUSINESSES)
            word = theirs.parts.second or theirs.parts.first
            made = replace(
                own,
                parts=HandleParts(word, business.lower(), own.parts.separator),
                display_name=f"{word.capitalize()} {business}",
                bio=f"{business} in {draws.pick(words.TOWNS)} since {draws.between(1890, 2015)}. Closed on Mondays.",
                links=(f"https://{word}{business.lower()}.example",),
            )
        elif why == "namesake":
            made = replace(own, parts=replace(theirs.parts, digits=own.parts.digits), display_name=theirs.display_name)
        else:
            made = replace(own, parts=replace(theirs.parts, digits=str(draws.between(1, 99))))
        self._world.decoys.append((model.number, self._alone(person, made).number, why))


def _name_on(account: Account, other: Account) -> None:
    account.identity = replace(account.identity, links=(*account.identity.links, other.url))
