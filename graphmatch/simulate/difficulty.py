"""How hard a world makes it: what operators in hiding keep, how often strangers look alike, how much exports tell.

``middle`` is the world of old, byte for byte. In an ``easy`` one most evaders keep their handle, contact or machine,
exports date nearly every account, and few look alike. In a ``hard`` one every fifth leaves nothing at all and most keep
what few exports show, accounts are seldom dated, more are never reported, and look-alikes are twice as many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphmatch.errors import UsageError
from graphmatch.simulate.draws import Weights
from graphmatch.simulate.world import Role, Trace


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What a world is drawn by. Shares are probabilities in [0, 1].

    ``disguises``: how operators in hiding make their next account. ``same_address, same_device, same_email``: of such
    accounts, those on the machine or with the address of the one before. ``showable``: disguises that an export could
    not show, drawn again. ``slips_by``: accounts elsewhere that their place sees before anybody reports them.
    ``dated, timed, to_the_minute``: of written-down rows, those with the account's creation, the post's time, and the
    minute of the platform's answer. ``single_roles``: the roles of persons with one account.
    """

    name: str = "middle"
    disguises: Weights[Trace] = field(
        default_factory=lambda: Weights(
            {
                Trace.SAME_HANDLE: 0.16,
                Trace.DIGITS: 0.16,
                Trace.FOLDED: 0.12,
                Trace.OLD_LINK: 0.12,
                Trace.OLD_BIO: 0.12,
                Trace.NAME_KEPT: 0.10,
                Trace.CONTACT: 0.08,
                Trace.DECLARED_BIO: 0.07,
                Trace.CLEAN: 0.07,
            }
        )
    )
    same_address: float = 0.65
    same_device: float = 0.5
    same_email: float = 0.2
    showable: float = 0.7
    slips_by: float = 0.15
    dated: float = 0.6
    timed: float = 0.7
    to_the_minute: float = 0.35
    single_roles: Mapping[Role, float] = field(
        default_factory=lambda: {
            Role.BYSTANDER: 0.44,
            Role.ABUSER: 0.24,
            Role.LOOKALIKE: 0.12,
            Role.SPAMMER: 0.08,
            Role.IMPERSONATOR: 0.06,
            Role.CRITIC: 0.06,
        }
    )


MIDDLE = Difficulty()
EASY = Difficulty(
    name="easy",
    disguises=Weights(
        {
            Trace.SAME_HANDLE: 0.34,
            Trace.DIGITS: 0.22,
            Trace.CONTACT: 0.14,
            Trace.DECLARED_BIO: 0.12,
            Trace.FOLDED: 0.08,
            Trace.OLD_LINK: 0.04,
            Trace.OLD_BIO: 0.03,
            Trace.NAME_KEPT: 0.03,
        }
    ),
    same_address=0.85,
    same_device=0.8,
    same_email=0.45,
    showable=0.95,
    slips_by=0.05,
    dated=0.95,
    timed=0.95,
    to_the_minute=0.8,
    single_roles={
        Role.BYSTANDER: 0.52,
        Role.ABUSER: 0.24,
        Role.LOOKALIKE: 0.05,
        Role.SPAMMER: 0.08,
        Role.IMPERSONATOR: 0.04,
        Role.CRITIC: 0.07,
    },
)
HARD = Difficulty(
    name="hard",
    disguises=Weights(
        {
            Trace.CLEAN: 0.20,
            Trace.OLD_BIO: 0.15,
            Trace.OLD_LINK: 0.14,
            Trace.NAME_KEPT: 0.13,
            Trace.FOLDED: 0.12,
            Trace.DIGITS: 0.11,
            Trace.SAME_HANDLE: 0.08,
            Trace.CONTACT: 0.04,
            Trace.DECLARED_BIO: 0.03,
        }
    ),
    same_address=0.35,
    same_device=0.2,
    same_email=0.05,
    showable=0.4,
    slips_by=0.3,
    dated=0.3,
    timed=0.5,
    to_the_minute=0.15,
    single_roles={
        Role.BYSTANDER: 0.34,
        Role.ABUSER: 0.22,
        Role.LOOKALIKE: 0.24,
        Role.SPAMMER: 0.06,
        Role.IMPERSONATOR: 0.08,
        Role.CRITIC: 0.06,
    },
)
DIFFICULTIES = {each.name: each for each in (EASY, MIDDLE, HARD)}


def named(name: str) -> Difficulty:
    """Find a difficulty by its name.

    Raises
    ------
    UsageError
        There is none of that name.
    """
    try:
        return DIFFICULTIES[name]
    except KeyError:
        raise UsageError(f"a world is {', '.join(DIFFICULTIES)}, not {name!r}") from None
