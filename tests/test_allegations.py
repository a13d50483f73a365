from __future__ import annotations

from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Gate, IdKind, Specificity

ACCOUNT = Account(
    "bluesky:bsky:did:plc:x", "bluesky", "bsky", "did:plc:x", IdKind.DID, handle="grimwald77.test"
)  # fmt: skip


def test_the_reporters_words_count_only_where_the_category_says_nothing() -> None:
    assert alleged_category("mastodon", "spam", "Threat to kill the candidate").leaf == "other.spam"
    found = alleged_category("mastodon", "violation", "He threatened to kill her: death threat")
    assert (found.leaf, found.specificity, found.gate) == ("violence.threat", Specificity.NONE, Gate.TERMS)
    assert alleged_category("mastodon", "violation", None).leaf == "meta.rule_violation"
    assert alleged_category("mastodon", "other", "hm").leaf == "meta.other"


def test_a_claim_about_the_account_itself_is_none() -> None:
    assert list(claim_rows("This is grimwald77.test again", ACCOUNT, where="r")) == []
    (claim,) = claim_rows("This is grimwald_77 again", ACCOUNT, where="r", report_id="r")
    assert (claim.claim_id, claim.account_id, claim.report_id) == ("r:claim:grimwald_77", ACCOUNT.account_id, "r")
    assert claim.asserted_by == "reporter"
    assert list(claim_rows(None, ACCOUNT, where="r")) == []
