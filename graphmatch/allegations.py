"""What a report alleges: its category, and what its words claim about other accounts. Pure.

Both are allegations, never findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from graphmatch.model import Account, Gate, IdKind, LinkClaim, Specificity, Target
from graphmatch.normalise.categories import (
    CONTENT_FREE,
    UNMAPPED,
    Category,
    category,
    category_of_text,
    gate_of,
    known_category,
    leaves,
)
from graphmatch.normalise.claims import claims_in
from graphmatch.normalise.text import redact

#: Coarse leaves that say only "it breaks the rules": the comment may say which.
_SAYS_NOTHING = frozenset({"meta.rule_violation", "meta.illegal_unspecified"})
#: The vocabulary that organisations share beside our own (IFTAS, DTSP).
_SHARED_LABELS = "iftas_dtsp"
#: Namespaces of labels that say how a thing is shared, made or trusted, and nothing of what it alleges.
_ABOUT_HANDLING = frozenset(
    {
        "admiralty-scale",
        "confidence",
        "estimative-language",
        "evidence-family",
        "misp",
        "misp-galaxy",
        "osint",
        "pap",
        "source",
        "tlp",
        "type",
        "workflow",
    }
)
_NAMESPACE = re.compile(r"([\w-]{1,80}):(?:[^=]{1,200}=)?(.+)", re.DOTALL)
_LONGEST_QUOTE = 400
#: Words by which two accounts are related in another way than by their operator.
_OTHERWISE = re.compile(
    r"\b(?:not (?:the same|linked|related|operated)|unrelated|no (?:link|relation|connection)"
    r"|different (?:people|person|operator)s?|impersonat\w*|parod\w+|imitat\w+|fake of"
    r"|follow(?:s|ed|ers?)|friends?|repl(?:y|ies|ied)|mention(?:s|ed))\b",
    re.IGNORECASE,
)


def alleged_category(platform: str, raw: str | None, comment: str | None) -> Category:
    """Map a platform's raw reason; where it says nothing, or none is given, read the reporter's own words.

    A reason that no table knows stays ``unmapped`` whatever the words say: what it means is not to be guessed. Only
    words about the sexual abuse of children count even then, for nothing of such a report may be kept.
    """
    mapped = category(platform, raw)
    in_words = category_of_text(comment) if comment and _says_nothing(mapped) else None
    unknown = mapped.leaf == UNMAPPED and raw is not None and bool(raw.strip())
    if in_words is None or (unknown and in_words.leaf != CONTENT_FREE):
        return mapped
    return in_words


def _says_nothing(mapped: Category) -> bool:
    return mapped.specificity is Specificity.NONE or mapped.leaf in _SAYS_NOTHING


def claim_rows(
    words: str | None,
    account: Account,
    *,
    where: str,
    report_id: str | None = None,
    asserted_by: str = "reporter",
    asserted_at: datetime | None = None,
) -> Iterator[LinkClaim]:
    """Give the statements in ``words`` that ``account`` has the operator of another account.

    ``where`` is the id of the report or enforcement that holds the words. A claim about the account itself is none.
    """
    for claim in claims_in(words or ""):
        itself = claim.handle.lower() == (account.handle or "").lower()
        if itself and claim.platform in (None, account.platform):
            continue
        yield LinkClaim(
            claim_id=f"{where}:claim:{claim.handle.lower()}",
            account_id=account.account_id,
            claimed_handle=claim.handle,
            quote=claim.quote,
            claimed_platform=claim.platform,
            report_id=report_id,
            asserted_by=asserted_by,
            asserted_at=asserted_at,
        )


def category_of_labels(platform: str, labels: Iterable[str], words: str | None = None) -> tuple[str | None, Category]:
    """Read what labels that people put on a thing allege; else its words; else what the platform's table says.

    A label may be one of our leaves, one that organisations share (``Doxxing``, ``violent_threat``), a value under a
    namespace (``abuse:kind="doxxing"``), or free words. ``words`` may begin with a leaf (``violence.threat: …``).

    Returns
    -------
    tuple of (label, Category)
        The label that tells most (the gravest of those known), or the first one; ``None`` if there are none.
    """
    said = [label for label in labels if not _is_about_handling(label)]
    first = said[0] if said else None
    in_words = category_of_text(words) if words else None
    if in_words and in_words.leaf == CONTENT_FREE:
        return first, in_words
    spoken = [label for label in said if known_category(platform, label) is None]
    by_words = [(label, one) for label in spoken if (one := category_of_text(_spoken(label)))]
    found = [(label, one) for label in said if (one := _known(platform, label))]
    beginning = (words or "").partition(":")[0].strip().casefold()
    if beginning in leaves():
        found.append((beginning, Category(beginning, Specificity.EXACT, gate_of(beginning))))
    found += [pair for pair in by_words if pair[1].leaf == CONTENT_FREE]
    if found:
        return max(found, key=lambda pair: (pair[1].leaf == CONTENT_FREE, list(Gate).index(pair[1].gate)))
    if by_words:
        return by_words[0]
    return first, alleged_category(platform, first, words)


def claim_between(
    one: Account,
    other: Account,
    *,
    claim_id: str,
    quote: str,
    asserted_by: str,
    asserted_at: datetime | None = None,
    withdrawn_at: datetime | None = None,
) -> LinkClaim | None:
    """Give somebody's statement that two accounts have one operator; ``None`` if both are the same account.

    The one that is claimed has to be found by its handle, so of two accounts it is the one that has a handle.
    """
    if one.account_id == other.account_id:
        return None
    subject, claimed = (other, one) if other.handle is None and one.handle is not None else (one, other)
    words = " ".join(redact(quote).split())
    return LinkClaim(
        claim_id=claim_id,
        account_id=subject.account_id,
        claimed_handle=claimed.handle or claimed.native_id,
        quote=words if len(words) <= _LONGEST_QUOTE else f"{words[: _LONGEST_QUOTE - 1]}…",
        claimed_platform=claimed.platform,
        asserted_by=asserted_by,
        asserted_at=asserted_at,
        withdrawn_at=withdrawn_at,
    )


def says_otherwise(words: str | None) -> bool:
    """Tell whether words beside two accounts say that they are related, and not by their operator."""
    return words is not None and _OTHERWISE.search(words[: 2 * _LONGEST_QUOTE]) is not None


def aimed_at(account: Account, derivation: str = "intake") -> Target:
    """Give an account at which abuse is aimed, as a target: by its DID where it has one, else by its handle."""
    lasting = account.id_kind is IdKind.DID or account.handle is None
    name = account.native_id if lasting else (account.handle or "").lower()
    return Target(
        target_id=f"{account.platform}:{account.instance}:{name}",
        platform=account.platform,
        handle=account.handle,
        derivations=(derivation,),
        observed_at=account.observed_at,
    )


def _known(platform: str, label: str) -> Category | None:
    """Look a label up: our own leaves, the platform's table, the shared vocabulary."""
    for form in dict.fromkeys((label, _value(label))):
        folded = form.strip().casefold()
        if folded in leaves():
            return Category(folded, Specificity.EXACT, gate_of(folded))
        known = known_category(platform, folded) or known_category(_SHARED_LABELS, re.sub(r"[\s_]+", "-", folded))
        if known and known.specificity is not Specificity.NONE:
            return known
    return None


def _is_about_handling(label: str) -> bool:
    parts = _NAMESPACE.fullmatch(label)
    return parts is not None and parts[1].casefold() in _ABOUT_HANDLING


def _value(label: str) -> str:
    parts = _NAMESPACE.fullmatch(label)
    return (parts[2] if parts else label).strip('"')


def _spoken(label: str) -> str:
    return re.sub(r"[_-]+", " ", _value(label))
