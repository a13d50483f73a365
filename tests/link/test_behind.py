from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from graphmatch import tables
from graphmatch.link.behind import Behind, Seen, Stated, evidence_behind, kinds_of
from graphmatch.model import COMPARISONS, Family, SignalKind

A, B = "x:x:1", "mastodon:a.example:2"
DAY = datetime(2026, 4, 1, 12, tzinfo=UTC)
SECRETS = ("grimwald", "5ecret", "0therhmac", "Grim", "quarter", "northmoor", "bloke", "fenwick")


def table(name: str, *rows: dict[str, object]) -> pl.DataFrame:
    """Rows of a table, what is not given being null."""
    types = tables.dtypes(name)
    return pl.DataFrame([dict.fromkeys(types) | row for row in rows], schema=types)


def sighting(
    account: str, kind: str, value: str, report: str | None = None, days: int = 0, **other: str
) -> dict[str, object]:
    return {
        "account_id": account,
        "kind": kind,
        "value": value,
        "source": "s" + account[0],
        "context": "profile",
        "first_seen": DAY + timedelta(days=days),
        "last_seen": DAY + timedelta(days=days + 1),
        "report_id": report,
    } | other


ACCOUNTS = table(
    "accounts",
    {"account_id": A, "platform": "x", "handle": "grimwald_7", "url": "https://x.com/grimwald_7"},
    {"account_id": B, "platform": "mastodon", "handle": "Gr1mwald7", "url": "https://a.example/@Gr1mwald7"},
)
SIGHTINGS = table(
    "sightings",
    sighting(A, "handle", "grimwald_7", "r1"),
    sighting(A, "handle", "grimwald_old", "r2", days=-30),
    sighting(B, "handle", "Gr1mwald7", "r3"),
    sighting(B, "display_name", "Grim Wald", "r3"),
    sighting(A, "email_hmac", "5ecret", "r1"),
    sighting(B, "email_hmac", "5ecret", "r4"),
    sighting(B, "phone_hmac", "0therhmac", "r3"),
    sighting(A, "link", "northmoor.example/about", "r1"),
    sighting(B, "link", "www.Northmoor.example/about/", "r3"),
    sighting(B, "link", "northmoor.example/shop", "r5"),
    sighting(A, "link", "a.example/@Gr1mwald7", "r6"),
    sighting(B, "link", "x.com/grimwald_7", "r7", context="message"),
)
REPORTS = table(
    "reports",
    {"report_id": "r1", "account_id": A, "category_reported": "abuse", "target_ids": ["t1", "t2"]},
    {"report_id": "r2", "account_id": A, "category_reported": "abuse", "target_ids": ["t3"]},
    {"report_id": "r3", "account_id": B, "category_reported": "abuse", "target_ids": ["t2"]},
    {"report_id": "r4", "account_id": B, "category_reported": "deception.impersonation", "target_ids": []},
)
CLAIMS = table(
    "link_claims",
    {"claim_id": "c1", "account_id": A, "claimed_handle": "@gr1mwald7", "quote": "same bloke", "report_id": "r1",
     "asserted_by": "reporter", "asserted_at": DAY},
    {"claim_id": "c2", "account_id": A, "claimed_handle": "grimwald_old", "quote": "that bloke", "report_id": "r2",
     "asserted_by": "reporter", "asserted_at": DAY + timedelta(days=1)},
    {"claim_id": "c3", "account_id": A, "claimed_handle": "ada_fenwick", "quote": "or her", "report_id": "r9",
     "asserted_by": "reporter", "asserted_at": DAY},
)  # fmt: skip


def behind(name: str, sightings: pl.DataFrame = SIGHTINGS, claims: pl.DataFrame | None = CLAIMS) -> Behind:
    return evidence_behind(name, sightings, REPORTS, claims=claims, accounts=ACCOUNTS)


def test_names_are_made_from_every_sighting_of_theirs() -> None:
    found = behind("handle")
    assert found.sightings == (
        Seen(B, "handle", "profile", "sm", DAY, DAY + timedelta(days=1), 1),
        Seen(A, "handle", "profile", "sx", DAY - timedelta(days=30), DAY + timedelta(days=1), 2),
    )
    assert found.reports == ("r1", "r2", "r3")
    assert [seen.kind for seen in behind("handle_name").sightings] == ["display_name", "handle", "handle"]


def test_behind_a_shared_contact_stands_only_what_is_shared() -> None:
    found = behind("contact")
    assert {(seen.account_id, seen.kind, seen.count) for seen in found.sightings} == {
        (A, "email_hmac", 1),
        (B, "email_hmac", 1),
    }
    assert found.reports == ("r1", "r4")


def test_contacts_that_differ_are_all_behind_the_difference() -> None:
    apart = SIGHTINGS.filter(~((pl.col("account_id") == B) & (pl.col("kind") == "email_hmac")))
    assert {seen.kind for seen in behind("contact", apart).sightings} == {"email_hmac", "phone_hmac"}


def test_links_are_shared_however_they_are_written_and_not_if_only_posted() -> None:
    found = behind("link")
    assert {(seen.account_id, seen.context, seen.count) for seen in found.sightings} == {
        (A, "profile", 1),
        (B, "profile", 1),
    }
    assert found.reports == ("r1", "r3")


def test_behind_a_declaration_stands_what_names_the_other_account() -> None:
    found = behind("declared")
    assert [(seen.account_id, seen.kind, seen.count) for seen in found.sightings] == [(A, "link", 1)]
    # The other claims name strangers: they are not about these two.
    assert found.statements == (Stated(A, "reporter", DAY, 1),)
    assert found.reports == ("r1", "r6")


@pytest.mark.parametrize("value", ["x:x:1", "x:x:grimwald_7", "x::GRIMWALD-7"])
def test_a_declared_link_names_the_other_by_its_id_or_its_handle(value: str) -> None:
    declared = table("sightings", sighting(B, "declared", value), sighting(B, "declared", "x:x:ada_fenwick"))
    found = behind("declared", declared, None)
    assert [(seen.account_id, seen.count) for seen in found.sightings] == [(B, 1)]


def test_where_both_name_others_only_those_declarations_were_seen() -> None:
    declared = table("sightings", sighting(B, "declared", "x:x:ada_fenwick"), sighting(B, "link", "b.example/c"))
    assert [seen.kind for seen in behind("declared", declared, None).sightings] == ["declared"]
    said = behind("declared", declared)
    assert not said.sightings
    assert said.statements


def test_behind_behaviour_stand_the_reports_that_share_a_target() -> None:
    assert behind("targets").reports == ("r1", "r3")
    assert not behind("targets").sightings
    apart = REPORTS.filter(pl.col("report_id") != "r3")
    assert evidence_behind("targets", SIGHTINGS, apart).reports == ("r1", "r2", "r4")


def test_behind_imitation_stand_reports_of_impersonation() -> None:
    assert behind("imitation") == Behind(reports=("r4",))


@pytest.mark.parametrize("name", ["prior", "naming", "self_description"])
def test_nothing_stands_behind_the_prior_and_the_discounts(name: str) -> None:
    assert behind(name) == Behind()


def test_without_a_report_of_their_own_all_reports_on_the_two_are_given() -> None:
    bare = SIGHTINGS.with_columns(report_id=pl.lit(None, dtype=pl.String))
    assert behind("handle", bare).reports == ("r1", "r2", "r3", "r4")


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_no_value_is_quoted_and_no_order_matters(name: str) -> None:
    found = behind(name)
    assert not [secret for secret in SECRETS if secret in repr(found)]
    turned = evidence_behind(
        name, SIGHTINGS.reverse(), REPORTS.reverse(), claims=CLAIMS.reverse(), accounts=ACCOUNTS.reverse()
    )
    assert turned == found


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_every_comparison_is_made_from_something(name: str) -> None:
    kinds = kinds_of(name)
    assert (not kinds) == (COMPARISONS[name] is Family.BEHAVIOUR)
    assert all(isinstance(kind, SignalKind) for kind in kinds)


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_empty_tables_are_no_fault(name: str) -> None:
    found = evidence_behind(name, SIGHTINGS.clear(), REPORTS.clear(), claims=CLAIMS.clear(), accounts=ACCOUNTS.clear())
    assert found == Behind()
