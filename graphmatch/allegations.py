"""What a report alleges: its category, and what its words claim about other accounts. Pure.

Both are allegations, never findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from graphmatch.model import Account, LinkClaim, Specificity
from graphmatch.normalise.categories import Category, category, category_of_text
from graphmatch.normalise.claims import claims_in

#: Coarse leaves that say only "it breaks the rules": the comment may say which.
_SAYS_NOTHING = frozenset({"meta.rule_violation", "meta.illegal_unspecified"})


def alleged_category(platform: str, raw: str | None, comment: str | None) -> Category:
    """Map a platform's raw reason; where it says nothing, read the reporter's own words."""
    mapped = category(platform, raw)
    if comment and (mapped.specificity is Specificity.NONE or mapped.leaf in _SAYS_NOTHING):
        return category_of_text(comment) or mapped
    return mapped


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
