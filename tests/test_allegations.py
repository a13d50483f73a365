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


def test_a_reason_that_no_table_knows_stays_unmapped_whatever_the_words_say() -> None:
    for comment in ("death threat", "He dropped a car bomb threat and is racist", "spam", None, ""):
        for platform in ("mastodon", "nowhere"):
            found = alleged_category(platform, "brand_new_reason", comment)
            assert (found.leaf, found.gate, found.specificity) == ("unmapped", Gate.DEBATE, Specificity.NONE)
    # No reason at all, and platforms whose reasons are free words, are read.
    assert alleged_category("nowhere", None, "death threat").leaf == "violence.threat"
    assert alleged_category("nowhere", "  ", "death threat").leaf == "violence.threat"
    assert alleged_category("lemmy", "he made a death threat", "he made a death threat").leaf == "violence.threat"


def test_words_about_the_abuse_of_children_count_even_beside_an_unknown_reason() -> None:
    found = alleged_category("mastodon", "brand_new_reason", "he posts csam")
    assert (found.leaf, found.specificity, found.gate) == ("other.csea", Specificity.NONE, Gate.TERMS)
    assert alleged_category("mastodon", "other", "he posts csam").leaf == "other.csea"
    # What the platform says for itself is not overruled: anybody could make evidence vanish with one word.
    assert alleged_category("mastodon", "spam", "he posts csam").leaf == "other.spam"


def test_a_claim_about_the_account_itself_is_none() -> None:
    assert list(claim_rows("This is grimwald77.test again", ACCOUNT, where="r")) == []
    (claim,) = claim_rows("This is grimwald_77 again", ACCOUNT, where="r", report_id="r")
    assert (claim.claim_id, claim.account_id, claim.report_id) == ("r:claim:grimwald_77", ACCOUNT.account_id, "r")
    assert claim.asserted_by == "reporter"
    assert list(claim_rows(None, ACCOUNT, where="r")) == []
