"""What an account shows of its operator, and how an operator in hiding changes it."""

from __future__ import annotations

from dataclasses import replace

from graphmatch.simulate import names, words
from graphmatch.simulate.difficulty import Difficulty
from graphmatch.simulate.draws import Draws
from graphmatch.simulate.ids import token
from graphmatch.simulate.world import HandleParts, Identity, Trace


class Addresses:
    """Hands out IP addresses that belong to nobody: documentation, benchmark and shared (carrier NAT) ranges.

    A quarter of the operators share an address with strangers: an office, a library, a mobile network.
    """

    def __init__(self, draws: Draws, operators: int) -> None:
        self._draws = draws
        self._shared = max(2, operators // 50)

    def one(self) -> str:
        """Draw an operator's address."""
        draws = self._draws
        place = draws.unit()
        if place < 0.2:
            number = draws.below(self._shared)
            return f"100.{64 + number // 65536 % 64}.{number // 256 % 256}.{number % 256}"
        if place < 0.25:
            return f"192.0.2.{draws.between(1, 40)}"
        if place < 0.7:
            return f"198.{draws.between(18, 19)}.{draws.below(256)}.{draws.below(256)}"
        return f"2001:db8:{draws.below(65536):x}:{draws.below(65536):x}::{draws.between(1, 65535):x}"


def fresh(draws: Draws, addresses: Addresses) -> Identity:
    """Make the identity of somebody new."""
    who = names.name(draws)
    parts = names.handle_parts(draws, who)
    return Identity(
        parts=parts,
        display_name=names.display_name(draws, who, parts),
        bio=bio(draws),
        links=_links(draws, parts),
        location=draws.pick(words.TOWNS) if draws.chance(0.4) else None,
        email=_email(draws, parts),
        address=addresses.one(),
        device=token("device", draws.unit(), width=10),
        avatar=token("avatar", draws.unit(), width=16) if draws.chance(0.8) else None,
    )


def bio(draws: Draws) -> str:
    """Put a bio together from phrases; one account in six has none."""
    if draws.chance(0.16):
        return ""
    phrases = draws.some(words.PHRASES, draws.between(1, 2)) + [_own_phrase(draws) for _ in range(draws.between(0, 2))]
    opening = [draws.pick(words.TOWNS)] if draws.chance(0.5) else []
    return ". ".join(phrase[0].upper() + phrase[1:] for phrase in [*opening, *phrases]) + "."


def _own_phrase(draws: Draws) -> str:
    first, second = draws.some(words.NOUNS, 2)
    phrase = draws.pick(words.OWN_PHRASES).replace("{a}", first).replace("{b}", second)
    return phrase.replace("{n}", str(draws.between(3, 60))).replace("{t}", draws.pick(words.TOWNS))


def _links(draws: Draws, parts: HandleParts) -> tuple[str, ...]:
    links = []
    if draws.chance(0.24):
        links.append(f"https://{parts.first}{parts.second or parts.digits}{draws.below(90)}.example")
    if draws.chance(0.1):
        links.append(f"https://t.me/{names.fit(parts, 'telegram')}{draws.below(100)}")
    return tuple(links)


def _email(draws: Draws, parts: HandleParts) -> str:
    local = f"{parts.first}.{parts.second}" if parts.second else parts.first
    return f"{local}{parts.digits}{draws.below(1000)}@{draws.pick(words.MAIL_HOSTS)}"


def openly(draws: Draws, before: Identity) -> Identity:
    """Make the same person's next account when there is nothing to hide."""
    parts = before.parts
    if draws.chance(0.3):
        parts = replace(parts, digits=names.digits(draws, 0.6))
    return replace(
        before,
        parts=parts,
        bio=near_copy(draws, before.bio) if draws.chance(0.75) else bio(draws),
        links=before.links if draws.chance(0.7) else (),
        display_name=before.display_name if draws.chance(0.85) else before.display_name.split()[0],
        email=before.email if draws.chance(0.7) else _email(draws, parts),
        device=before.device if draws.chance(0.6) else token("device", draws.unit(), width=10),
        avatar=before.avatar if draws.chance(0.6) else None,
    )


def disguised(draws: Draws, before: Identity, trace: Trace, addresses: Addresses, difficulty: Difficulty) -> Identity:
    """Make the next account of an operator in hiding: somebody new, but for what ``trace`` keeps.

    Whatever the trace, the machine often stays the same: addresses, devices and now and then the e-mail address.
    """
    made = fresh(draws, addresses)
    kept: dict[str, object] = {}
    if draws.chance(difficulty.same_address):
        kept["address"] = before.address
    if draws.chance(difficulty.same_device):
        kept["device"] = before.device
    if draws.chance(difficulty.same_email):
        kept["email"] = before.email
    if trace is Trace.CLEAN:
        kept.pop("email", None)
    kept.update(_kept(draws, before, made, trace))
    return replace(made, **kept)  # type: ignore[arg-type]  # the keys are Identity's own fields


def _kept(draws: Draws, before: Identity, made: Identity, trace: Trace) -> dict[str, object]:
    if trace in (Trace.SAME_HANDLE, Trace.DIGITS, Trace.FOLDED, Trace.DECLARED_BIO):
        return _kept_handle(draws, before, made, trace)
    kept: dict[Trace, dict[str, object]] = {
        Trace.OLD_LINK: {"links": before.links},
        Trace.OLD_BIO: {"bio": near_copy(draws, before.bio or bio(draws)), "avatar": before.avatar},
        Trace.NAME_KEPT: {"display_name": before.display_name, "location": before.location},
        Trace.CONTACT: {"email": before.email, "address": before.address, "device": before.device},
    }
    return kept.get(trace, {})


def _kept_handle(draws: Draws, before: Identity, made: Identity, trace: Trace) -> dict[str, object]:
    if trace is Trace.FOLDED:
        shown = names.lookalike_letters(before.display_name) if draws.chance(0.3) else made.display_name
        return {"parts": names.folded(draws, before.parts), "display_name": shown}
    if trace is Trace.SAME_HANDLE:
        return {"parts": before.parts} | _perhaps(draws, before, 0.4)
    parts = replace(before.parts, digits=names.digits(draws, 1.0))
    if trace is Trace.DECLARED_BIO and draws.chance(0.6):
        parts = made.parts
    return {"parts": parts} | _perhaps(draws, before, 0.3)


def _perhaps(draws: Draws, before: Identity, probability: float) -> dict[str, object]:
    kept: dict[str, object] = {}
    if draws.chance(probability):
        kept["display_name"] = before.display_name
    if draws.chance(probability):
        kept["bio"] = near_copy(draws, before.bio)
    if draws.chance(probability):
        kept["avatar"] = before.avatar
    return kept


def near_copy(draws: Draws, text: str) -> str:
    """Copy a bio, perhaps without one phrase, with one more, or in lower case."""
    phrases = [phrase for phrase in text.rstrip(".").split(". ") if phrase]
    place = draws.unit()
    if place < 0.35 or not phrases:
        return text
    if place < 0.6 and len(phrases) > 1:
        phrases.pop(draws.below(len(phrases)))
    elif place < 0.85:
        phrases.append(draws.pick(words.PHRASES).capitalize())
    else:
        phrases = [phrase.lower() for phrase in phrases]
    return ". ".join(phrases) + "."
