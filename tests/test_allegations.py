from __future__ import annotations

from dataclasses import replace

import pytest

from graphmatch.allegations import (
    aimed_at,
    alleged_category,
    category_of_labels,
    claim_between,
    claim_rows,
    says_otherwise,
)
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


OTHER = Account("x:x:@grim", "x", "x", "@grim", IdKind.HANDLE_ONLY, handle="Grim")


@pytest.mark.parametrize(
    ("labels", "words", "raw", "leaf"),
    [
        (["tlp:amber", "Doxxing"], None, "Doxxing", "intimidation.doxxing"),
        (["violent_threat"], None, "violent_threat", "violence.threat"),
        (['abuse:kind="hate speech"'], None, 'abuse:kind="hate speech"', "hatred.protected_characteristic"),
        (["other.spam", "Violent-Threat"], None, "Violent-Threat", "violence.threat"),
        (["desk-7"], "violence.threat: see you friday", "violence.threat", "violence.threat"),
        (["home address posted"], None, "home address posted", "intimidation.doxxing"),
        (["desk-7"], "posts her home address", "desk-7", "intimidation.doxxing"),
        (["threat-actor"], None, "threat-actor", "meta.other"),
        (["evidence-family:naming", 'estimative-language:likelihood-probability="likely"'], None, None, "meta.other"),
        ([], None, None, "meta.other"),
        (["other.spam", "shares csam"], None, "shares csam", "other.csea"),
        (["other.spam"], "shares csam", "other.spam", "other.csea"),
        (["CSEA", "Violent-Threat"], None, "CSEA", "other.csea"),
    ],
)
def test_labels_are_read_before_words(labels: list[str], words: str | None, raw: str | None, leaf: str) -> None:
    found = category_of_labels("stix", labels, words)
    assert (found[0], found[1].leaf) == (raw, leaf)


def test_a_claim_between_two_accounts_names_the_one_that_has_a_handle() -> None:
    nameless = replace(ACCOUNT, handle=None)
    for one, other in ((nameless, OTHER), (OTHER, nameless)):
        claim = claim_between(one, other, claim_id="c", quote=" a\n b@mail.example ", asserted_by="organisation")
        assert claim is not None
        assert (claim.account_id, claim.claimed_handle, claim.claimed_platform) == (ACCOUNT.account_id, "Grim", "x")
        assert claim.quote == "a [email]"
    assert claim_between(OTHER, OTHER, claim_id="c", quote="x", asserted_by="organisation") is None


def test_words_can_say_that_accounts_are_related_otherwise() -> None:
    for words in ("not the same operator", "Impersonates the other", "unrelated brewery", "he follows her"):
        assert says_otherwise(words)
    for words in (None, "", "shared URL; created 51 minutes after suspension", "same picture"):
        assert not says_otherwise(words)


def test_an_account_that_abuse_is_aimed_at_is_a_target_by_what_lasts() -> None:
    assert aimed_at(ACCOUNT).target_id == "bluesky:bsky:did:plc:x"
    assert aimed_at(OTHER, "mention").target_id == "x:x:grim"
