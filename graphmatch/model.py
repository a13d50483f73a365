"""The nouns: one frozen row type for each thing that an adapter can say, and the words that columns may hold.

A row's fields are its table's columns (`graphmatch.tables`), in the same order; a test keeps them equal. Times are
aware UTC datetimes; ``None`` means *not observed*, never *empty*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: Longest id, in bytes of UTF-8, and longest value of a signal: no longer one fits an index (8 KiB a key in Neo4j).
LONGEST_ID, LONGEST_VALUE = 2_000, 4_000


class IdKind(StrEnum):
    """What an account's ``native_id`` is made of."""

    NUMERIC = "numeric"  # the platform's own number
    DID = "did"
    ACTOR_URI = "actor_uri"
    OPAQUE = "opaque"  # the platform's own token (t2_…, UC…)
    HANDLE_ONLY = "handle_only"  # no id in the source: merge with caution
    HASHED = "hashed"  # only a digest is known (block lists, contact addresses)


class Precision(StrEnum):
    """How exact a time is."""

    EXACT = "exact"
    DAY = "day"
    DERIVED_FROM_ID = "derived_from_id"
    APPROXIMATE = "approximate"
    UNKNOWN = "unknown"


class AccountState(StrEnum):
    """What a platform shows of an account."""

    ACTIVE = "active"
    LIMITED = "limited"
    SUSPENDED = "suspended"
    TAKENDOWN = "takendown"
    DEACTIVATED = "deactivated"
    DELETED = "deleted"


class SignalKind(StrEnum):
    """A comparable trait of an account. Contact kinds hold only keyed HMACs, never the value."""

    HANDLE = "handle"
    DISPLAY_NAME = "display_name"
    BIO = "bio"
    LINK = "link"  # a canonical URL on the profile, without scheme
    DECLARED = "declared"  # platform:instance:handle of an account that the profile itself names
    LOCATION = "location"
    AVATAR = "avatar"  # avatar URL
    AVATAR_HASH = "avatar_hash"
    EMAIL_HMAC = "email_hmac"
    PHONE_HMAC = "phone_hmac"
    IP_HMAC = "ip_hmac"
    DEVICE_HMAC = "device_hmac"


class SourceKind(StrEnum):
    """What kind of allegation a report is."""

    REPORT = "report"
    AGGREGATE_FLAG = "aggregate_flag"  # a count of flags: no reporter, no time
    AUTOMATED_FLAG = "automated_flag"
    SANCTION_REASON = "sanction_reason"
    INTAKE = "intake"  # written down by a candidate's office


class CommunityEvent(StrEnum):
    """What became of a community since the run before; a death is in the lineage alone."""

    BIRTH = "birth"
    CONTINUATION = "continuation"
    GROWTH = "growth"
    SHRINK = "shrink"
    SPLIT = "split"
    MERGE = "merge"
    DEATH = "death"


class ReportStatus(StrEnum):
    """The ticket's state at the source. ``resolved`` only means that somebody closed it, and is no verdict.

    ``upheld`` and ``dismissed`` stand only where the source itself says that the report was right or was not.
    """

    OPEN = "open"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Gate(StrEnum):
    """How far a report is past the line, lowest first (DESIGN §7). Only a person raises or lowers it."""

    DEBATE = "debate"
    TERMS = "terms"
    ILLEGAL = "illegal"
    IMMINENT = "imminent"


class Specificity(StrEnum):
    """How much a raw category says: this leaf, only its band, or nothing."""

    EXACT = "exact"
    COARSE = "coarse"
    NONE = "none"


class Scope(StrEnum):
    """Where an enforcement holds: leaving one community for another is no ban evasion."""

    COMMUNITY = "community"
    INSTANCE = "instance"
    PLATFORM = "platform"


class Action(StrEnum):
    """What a platform did (formats reference §5)."""

    NONE = "none"
    NOTE = "note"
    WARNING = "warning"
    LABEL = "label"
    CONTENT_REMOVED = "content_removed"
    CONTENT_RESTRICTED = "content_restricted"
    CONTENT_RESTORED = "content_restored"
    ACCOUNT_LIMITED = "account_limited"
    ACCOUNT_SUSPENDED_TEMP = "account_suspended_temp"
    ACCOUNT_SUSPENDED_PERM = "account_suspended_perm"
    LOGIN_DISABLED = "login_disabled"
    ACCOUNT_TERMINATED = "account_terminated"
    COMMUNITY_BAN_TEMP = "community_ban_temp"
    COMMUNITY_BAN_PERM = "community_ban_perm"
    TIMEOUT = "timeout"
    MUTED = "muted"
    ACCOUNT_RESTORED = "account_restored"
    DEMONETISED = "demonetised"
    SERVICE_RESTRICTED = "service_restricted"
    ESCALATED = "escalated"
    REFERRED_LE = "referred_le"
    TRIAGE = "triage"


#: Enforcements that take an account off a place, so that a move may follow them.
REMOVALS = frozenset(
    {
        Action.ACCOUNT_SUSPENDED_TEMP,
        Action.ACCOUNT_SUSPENDED_PERM,
        Action.LOGIN_DISABLED,
        Action.ACCOUNT_TERMINATED,
        Action.COMMUNITY_BAN_TEMP,
        Action.COMMUNITY_BAN_PERM,
    }
)
#: Sanctions that leave an account in place. Notes, queues, referrals, undone ones and "no action" are none.
LESSER_SANCTIONS = frozenset(
    {
        Action.WARNING,
        Action.LABEL,
        Action.CONTENT_REMOVED,
        Action.CONTENT_RESTRICTED,
        Action.ACCOUNT_LIMITED,
        Action.TIMEOUT,
        Action.MUTED,
        Action.DEMONETISED,
        Action.SERVICE_RESTRICTED,
    }
)


class Family(StrEnum):
    """Kinds of evidence that are independent of each other; levels inside one family are not (DESIGN §5)."""

    DECLARED = "declared"
    CONTACT = "contact"
    NAMING = "naming"
    SELF_DESCRIPTION = "self_description"
    BEHAVIOUR = "behaviour"


#: What anybody can copy from a profile that is seen.
COPYABLE = (Family.NAMING, Family.SELF_DESCRIPTION)

#: Each comparison and its evidence family. Column names of a Match follow it: ``<name>_level``, ``<name>_bits``.
COMPARISONS: dict[str, Family] = {
    "handle": Family.NAMING,
    "display_name": Family.NAMING,
    "handle_name": Family.NAMING,
    "letter_runs": Family.NAMING,
    "bio": Family.SELF_DESCRIPTION,
    "link": Family.SELF_DESCRIPTION,
    "location": Family.SELF_DESCRIPTION,
    "avatar": Family.SELF_DESCRIPTION,
    "contact": Family.CONTACT,
    "network": Family.CONTACT,
    "declared": Family.DECLARED,
    "targets": Family.BEHAVIOUR,
    "timing": Family.BEHAVIOUR,
    "hours": Family.BEHAVIOUR,
}


class Standing(StrEnum):
    """How well supported a Match is; probability says how likely (DESIGN §5)."""

    SUGGESTED = "suggested"
    CORROBORATED = "corroborated"
    CONFIRMED = "confirmed"


class Story(StrEnum):
    """The rival explanations of a Match."""

    SAME_OPERATOR = "same_operator"
    IMPERSONATION = "impersonation"
    COINCIDENCE = "coincidence"
    SHARED_MACHINE = "shared_machine"


class Judgement(StrEnum):
    """What an analyst says of a pair."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNSURE = "unsure"


class MigrationKind(StrEnum):
    """Why an actor's account elsewhere counts as a move (DESIGN §6)."""

    DISPLACED = "displaced"
    PRE_POSITIONED = "pre_positioned"
    MULTI_HOMED = "multi_homed"
    RETURNED = "returned"
    DRIFTED = "drifted"
    DECLARED = "declared"
    UNKNOWN_ORDER = "unknown_order"


@dataclass(frozen=True, slots=True)
class Account:
    """One account on one platform. ``account_id`` = ``platform:instance:native_id``.

    Attributes come with the time at which they were seen (``observed_at``), so that a later blank never hides an
    earlier value and the order in which files are read does not matter.
    """

    account_id: str
    platform: str
    instance: str
    native_id: str
    id_kind: IdKind
    observed_at: datetime | None = None
    handle: str | None = None
    display_name: str | None = None
    bio: str | None = None
    url: str | None = None
    location: str | None = None
    avatar_url: str | None = None
    state: AccountState | None = None
    created_at: datetime | None = None
    created_at_precision: Precision | None = None
    last_active: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A signal seen on an account, ``first_seen``..``last_seen``, in which source and first in which report.

    ``withdrawn_at``: when the source took it back (a tombstone); it holds again only if it is seen later than that.
    """

    account_id: str
    kind: SignalKind
    value: str
    source: str
    context: str = "profile"  # verified, registration, signin, moved, profile, message
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    report_id: str | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One abuse report as received: an allegation, never a verdict.

    ``reporter_upheld`` and ``reporter_dismissed``: how many of the reporter's reports the source itself counts as such.
    """

    report_id: str
    source: str
    source_kind: SourceKind
    platform: str
    account_id: str | None
    category_raw: str | None
    category_reported: str
    specificity: Specificity
    gate: Gate
    count: int = 1
    category_assessed: str | None = None
    reported_at: datetime | None = None
    observed_at: datetime | None = None
    reporter_ref: str | None = None
    reporter_is_target: bool | None = None
    reporter_upheld: int | None = None
    reporter_dismissed: int | None = None
    text: str | None = None
    status: ReportStatus | None = None
    status_raw: str | None = None
    content_ids: tuple[str, ...] = ()
    target_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A post, message or comment that a report points at. ``text`` is redacted of contact values."""

    content_id: str
    platform: str
    account_id: str | None = None
    text: str | None = None
    url: str | None = None
    created_at: datetime | None = None
    observed_at: datetime | None = None
    target_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Who abuse is aimed at. Never leaves the workspace. ``target_id`` = ``platform:instance:handle`` or ``name:…``.

    ``derivations`` say what makes it a target: ``mention``, ``reply_parent``, ``channel_owner``, ``thread_owner``,
    ``file_header``, ``intake``, ``reporter``, ``registry``, ``archive`` (of the account's own holder).
    ``registered_as`` names the candidate or office holder whom a registry gives this handle or name to
    (``publicwhip:10001``): one person has many targets. Where it is given to several people, or stands in several
    registries, their ids stand beside each other with a blank between.
    """

    target_id: str
    platform: str | None = None
    handle: str | None = None
    name: str | None = None
    role: str | None = None
    registered_as: str | None = None
    derivations: tuple[str, ...] = ("mention",)
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What a platform did to an account or content, at some time in ``[at_earliest, at_latest]`` (equal when exact)."""

    enforcement_id: str
    platform: str
    source: str
    action: Action
    action_raw: str
    scope: Scope
    account_id: str | None = None
    content_id: str | None = None
    scope_ref: str | None = None  # instance or community
    at_earliest: datetime | None = None
    at_latest: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    policies: tuple[str, ...] = field(default=())
    by_ref: str | None = None


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """Somebody's statement that an account and another have one operator: an allegation too.

    ``withdrawn_at``: when they took it back (a tombstone); it holds again only if it is asserted later than that.
    """

    claim_id: str
    account_id: str
    claimed_handle: str
    quote: str
    claimed_platform: str | None = None
    report_id: str | None = None
    asserted_by: str = "reporter"  # reporter, moderator, organisation
    asserted_at: datetime | None = None
    withdrawn_at: datetime | None = None


#: What an adapter may yield.
Row = Account | Sighting | Report | Content | Target | Enforcement | LinkClaim
