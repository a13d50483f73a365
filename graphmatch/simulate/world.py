"""What a world is made of: persons and what their accounts do, and who they do it to. The truth, before any export."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from graphmatch.model import MigrationKind

if TYPE_CHECKING:
    from graphmatch.simulate.difficulty import Difficulty

HOME = "social.northmoor.example"  # the one fediverse server whose admin export the world holds
FEDIVERSE = (HOME, "mastodon.dales.example", "toot.saltmire.example", "fedi.underfell.example")


class Role(StrEnum):
    """What a person does in the world."""

    ABUSER = "abuser"
    EVADER = "evader"
    CRITIC = "critic"
    IMPERSONATOR = "impersonator"
    LOOKALIKE = "lookalike"
    SPAMMER = "spammer"
    BYSTANDER = "bystander"


class Trace(StrEnum):
    """What a person's next account keeps of the one before."""

    NONE = "none"  # a first account
    OPEN = "open"  # not hiding: the same person, plainly
    SAME_HANDLE = "same_handle"
    DIGITS = "digits"
    FOLDED = "folded"
    OLD_LINK = "old_link"
    OLD_BIO = "old_bio"
    CONTACT = "contact"
    NAME_KEPT = "name_kept"
    DECLARED_BIO = "declared_bio"
    CLEAN = "clean"  # nothing but whom it writes to


class Outcome(StrEnum):
    """What a platform did in the end."""

    SUSPENDED = "suspended"
    SUSPENDED_FOR_DAYS = "suspended_for_days"
    LIMITED = "limited"
    WARNED = "warned"
    REMOVED = "removed"  # one post
    DISMISSED = "dismissed"  # looked at, nothing wrong


@dataclass(frozen=True, slots=True)
class HandleParts:
    """A handle before a platform's rules cut it to size."""

    first: str
    second: str = ""
    separator: str = "_"
    digits: str = ""
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """What an account shows of its operator, and what its platform's administrators see."""

    parts: HandleParts
    display_name: str
    bio: str
    links: tuple[str, ...]
    location: str | None
    email: str
    address: str
    device: str
    avatar: str | None


@dataclass(slots=True)
class Person:
    """One operator."""

    number: int
    person_id: str
    role: Role
    size: int
    identity: Identity
    targets: tuple[int, ...] = ()
    community: int | None = None
    likeness: int | None = None  # the number of the account that this person's resembles


@dataclass(slots=True)
class Account:
    """One account: what it shows, and its times."""

    number: int
    person: int
    account_id: str
    platform: str
    instance: str
    native_id: str
    handle: str
    url: str
    identity: Identity
    trace: Trace
    created: int
    first_abuse: int
    until: int  # it writes nothing after this
    enforced: int | None = None  # removed by its platform
    reported: bool = True
    previous: int | None = None  # the operator's account before this one
    moved_to: int | None = None
    local: bool = False  # its platform's administrators know its contacts
    server_id: int = 0  # the number that the fediverse server under `HOME` knows it by
    uri: str = ""  # the actor's, in the fediverse


@dataclass(frozen=True, slots=True)
class Post:
    """Something written; ``{t}`` in the text stands for the mention of the target."""

    number: int
    account: int
    at: int
    leaf: str
    text: str
    target: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """One report, before a platform's form gives it shape."""

    account: int
    post: int | None
    at: int
    leaf: str
    comment: str
    reporter: int
    by_target: bool = False


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What the platform did about an account or a post."""

    account: int
    post: int | None
    at: int
    outcome: Outcome
    reason: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """A person's move between two accounts. ``enforced_at`` is null where no removal drove it."""

    person: int
    origin: int
    destination: int
    kind: MigrationKind
    enforced_at: int | None
    arrived_at: int


@dataclass(frozen=True, slots=True)
class Target:
    """Who abuse is aimed at: somebody who stands for election."""

    number: int
    name: str
    handle: str
    role: str
    mastodon_id: int
    did: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a volunteer, a passer-by, or one of a brigade."""

    number: int
    handle: str
    name: str
    mastodon_id: int
    did: str
    created: int


@dataclass(frozen=True, slots=True)
class Community:
    """A planted community: shared targets, slogans and link; some are removed and move together."""

    number: int
    community_id: str
    targets: tuple[int, ...]
    slogans: tuple[str, ...]
    link: str
    route: tuple[str, str] | None  # origin and destination of a common move
    removed_at: int


@dataclass(slots=True)
class World:
    """Everything. Lists are indexed by the ``number`` of what they hold."""

    seed: int
    difficulty: Difficulty
    targets: list[Target] = field(default_factory=list)
    reporters: list[Reporter] = field(default_factory=list)
    communities: list[Community] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    enforcements: list[Enforcement] = field(default_factory=list)
    migrations: list[Migration] = field(default_factory=list)
    decoys: list[tuple[int, int, str]] = field(default_factory=list)  # resembled account, resembling one, why
