"""Who is in the world: targets, reporters, communities, and persons by role, in fixed shares."""

from __future__ import annotations

from collections.abc import Mapping

from graphmatch.simulate import ids, names, texts
from graphmatch.simulate.draws import Draws, Weights
from graphmatch.simulate.identities import Addresses, fresh
from graphmatch.simulate.world import Community, Person, Reporter, Role, Target, World

#: Share of accounts that are their operator's only one.
SINGLE = 0.55
_SIZES = Weights({2: 0.60, 3: 0.25, 4: 0.10, 5: 0.05})
_MULTI_ROLES = {
    Role.EVADER: 0.48,
    Role.ABUSER: 0.22,
    Role.CRITIC: 0.12,
    Role.SPAMMER: 0.10,
    Role.BYSTANDER: 0.08,
}
_FIRST_TARGETS = (
    ("Asha Verma", "asha4northmoor", "candidate"),
    ("Tom Hallworth", "tomhallworth", "sitting member"),
    ("Bryony Okafor", "cllrbokafor", "councillor"),
)
#: Origin and destination of moves, in turn, so that even a small world has several of each of the first.
ROUTES = (
    ("mastodon", "bluesky"),
    ("x", "bluesky"),
    ("reddit", "mastodon"),
    ("bluesky", "telegram"),
    ("mastodon", "bluesky"),
    ("reddit", "reddit"),
    ("x", "bluesky"),
    ("mastodon", "mastodon"),
    ("reddit", "mastodon"),
    ("bluesky", "bluesky"),
    ("mastodon", "bluesky"),
    ("x", "telegram"),
    ("bluesky", "telegram"),
    ("bluesky", "mastodon"),
    ("x", "x"),
    ("facebook", "telegram"),
    ("x", "bluesky"),
    ("reddit", "bluesky"),
    ("tiktok", "instagram"),
    ("youtube", "x"),
)


def populate(world: World, accounts: int) -> None:
    """Fill ``world`` with targets, reporters, communities and persons who will have ``accounts`` accounts in all."""
    draws = Draws(world.seed, 1)
    addresses = Addresses(draws, accounts)
    world.targets = _targets(draws, world.seed, 3 + accounts // 400)
    world.reporters = _reporters(draws, world.seed, max(12, accounts // 20))
    sizes = _sizes(draws, round(accounts * (1 - SINGLE)))
    roles = [
        *zip(_shares(_MULTI_ROLES, len(sizes)), sizes, strict=True),
        *((role, 1) for role in _shares(world.difficulty.single_roles, accounts - sum(sizes))),
    ]
    whom = Weights.power_law(range(len(world.targets)), 0.7)
    for number, (role, size) in enumerate(draws.shuffled(roles)):
        aims = {draws.weighted(whom) for _ in range(draws.between(1, 3))}
        identity = fresh(draws, addresses)
        world.persons.append(Person(number, f"p{number + 1:06}", role, size, identity, tuple(sorted(aims))))
    _found_communities(draws, world)


def _targets(draws: Draws, seed: int, count: int) -> list[Target]:
    made = []
    for number in range(count):
        if number < len(_FIRST_TARGETS):
            shown, handle, role = _FIRST_TARGETS[number]
        else:
            who = names.name(draws)
            shown, role = who.shown, "candidate"
            handle = f"{who.given_latin}4{who.family_latin}"[:12] + str(number)
        since = ids.moment(2021, 1, 4) + draws.below(1500 * ids.DAY)
        native = ids.mastodon_id(since, number)
        made.append(Target(number, shown, handle, role, native, ids.did(seed, "target", number)))
    return made


def _reporters(draws: Draws, seed: int, count: int) -> list[Reporter]:
    made = []
    for number in range(count):
        who = names.name(draws)
        since = ids.moment(2019, 1, 1) + draws.below(2400 * ids.DAY)
        handle = f"{who.given_latin[:6]}{number}"
        native = ids.mastodon_id(since, number)
        made.append(Reporter(number, handle, who.given, native, ids.did(seed, "reporter", number), since))
    return made


def _sizes(draws: Draws, accounts: int) -> list[int]:
    sizes: list[int] = []
    left = accounts
    while left >= 2:
        size = min(draws.weighted(_SIZES), left)
        size = left if left - size == 1 else size
        sizes.append(size)
        left -= size
    return sizes


def _shares(shares: Mapping[Role, float], count: int) -> list[Role]:
    """Share ``count`` places out, each role at least twice while there is room."""
    wanted = {role: max(2, int(share * count)) for role, share in shares.items()}
    roles = [role for role, places in wanted.items() for _ in range(places)]
    largest = max(shares, key=lambda role: shares[role])
    return roles[:count] + [largest] * (count - len(roles))


def _found_communities(draws: Draws, world: World) -> None:
    """Plant communities among abusers and evaders; every third is removed and moves together."""
    evaders = draws.shuffled([p for p in world.persons if p.role is Role.EVADER])
    abusers = draws.shuffled([p for p in world.persons if p.role is Role.ABUSER])
    evaders, abusers = evaders[: int(len(evaders) * 0.5)], abusers[: int(len(abusers) * 0.4)]
    whom = Weights.power_law(range(len(world.targets)), 0.7)
    while len(evaders) + len(abusers) >= 4:
        number = len(world.communities)
        size = 3 + draws.heavy(1.3, 22)
        together = number % 3 == 0 and len(evaders) >= 3
        evading = min(len(evaders), size if together else size // 3)
        members = [*evaders[:evading], *abusers[: size - evading]]
        evaders, abusers = evaders[evading:], abusers[size - evading :]
        aims = tuple(sorted({draws.weighted(whom) for _ in range(2)}))
        removed_at = ids.CAMPAIGN + draws.between(12 * ids.DAY, 40 * ids.DAY)
        route = ROUTES[draws.below(5)] if together else None
        link = f"https://t.me/{names.fit(names.handle_parts(draws, names.name(draws)), 'telegram')}_hq{number}"
        world.communities.append(
            Community(number, f"c{number + 1:05}", aims, texts.slogans(draws), link, route, removed_at)
        )
        for person in members:
            person.community = number
            person.targets = aims
