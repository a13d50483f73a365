"""What a Match needs to stand better than ``suggested``: cases made by hand, each beside the one that does pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.link import link
from graphmatch.model import COPYABLE
from graphmatch.standing import corroborated

Row = dict[str, Any]
NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD, NEW = "x:x:old", "bluesky:bsky:new"
PAIR = (NEW, OLD)
PROFILE = {
    "handle": "grimwald_77x",
    "display_name": "Grim Wald",
    "bio": "Keeps bees on Saltmire Fell. Forty years a bell ringer. No quarter for humbug.",
    "location": "Underfell",
}
SEEN = {"link": "grimwald-bees.example/diary", "avatar": "avatar:5f3a"}
NAMES = (
    "moorlandpete", "nan_of_the_fell", "volunteer_ed", "hal_peverell", "lain_r", "qzx_tarn", "delamere88", "okaforb",
    "fenwick.t", "tess_of_tarn", "millrace", "peat_and_rye", "larkbank", "drystone9", "old_tup", "ferry_lane",
)  # fmt: skip


def accounts(new: Row, **old: Any) -> pl.DataFrame:
    """Two accounts, ``old`` with `PROFILE`, among sixteen others."""
    rows: list[Row] = [
        {"account_id": f"reddit:reddit:{place}", "platform": "reddit", "instance": "reddit", "handle": name}
        for place, name in enumerate(NAMES)
    ]
    rows += [
        {"account_id": OLD, "platform": "x", "instance": "x", **PROFILE, **old},
        {"account_id": NEW, "platform": "bluesky", "instance": "bsky", **new},
    ]
    return frame("accounts", [row | {"native_id": row["account_id"], "id_kind": "handle"} for row in rows])


def frame(table: str, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=tables.dtypes(table))


def shared(*signals: tuple[str, str]) -> pl.DataFrame:
    """Sightings of signals on both accounts."""
    return sighted(*[(account, kind, value) for kind, value in signals for account in PAIR])


def sighted(*signals: tuple[str, str, str]) -> pl.DataFrame:
    rows = [
        {"account_id": account, "kind": kind, "value": value, "source": "s", "context": "profile"}
        for account, kind, value in signals
    ]
    return frame("sightings", rows)


def match(found: pl.DataFrame) -> Row:
    rows = found.filter((pl.col("left") == PAIR[0]) & (pl.col("right") == PAIR[1]))
    assert rows.height == 1
    return rows.row(0, named=True)


def copied(**evidence: Any) -> Row:
    """The match of an account and a full copy of its profile."""
    return match(link(accounts(PROFILE), min_probability=0.0, **evidence).matches)


@given(st.sets(st.sampled_from(sorted(PROFILE))), st.sets(st.sampled_from(sorted(SEEN))))
@settings(deadline=None, max_examples=10)
def test_whatever_of_a_profile_agrees_stays_suggested(traits: set[str], signals: set[str]) -> None:
    new = {"handle": "zzz_unlike"} | {name: PROFILE[name] for name in sorted(traits)}
    seen = shared(*((kind, SEEN[kind]) for kind in sorted(signals)))
    found = link(accounts(new), sightings=seen, min_probability=0.0).matches
    assert set(found["standing"]) <= {"suggested"}
    hard = pl.col("families").list.set_difference([family.value for family in COPYABLE])
    assert found.select(hard.list.len().max()).item() in (None, 0)


def test_a_whole_copy_is_likely_and_no_more_than_suggested() -> None:
    told = copied(sightings=shared(*SEEN.items()))
    assert told["match_probability"] > 0.5
    assert (told["families"], told["standing"]) == (["naming", "self_description"], "suggested")


@pytest.mark.parametrize("kind", ["email_hmac", "phone_hmac", "device_hmac"])
def test_a_shared_contact_value_corroborates_it(kind: str) -> None:
    told = copied(sightings=shared((kind, "aa"), *SEEN.items()))
    assert "contact" in told["families"]
    assert (told["story"], told["standing"]) == ("same_operator", "corroborated")


def claims(count: int) -> pl.DataFrame:
    ends = [(OLD, "bluesky"), (NEW, "x")]
    return frame(
        "link_claims",
        [
            {"claim_id": str(n), "account_id": ends[n % 2][0], "claimed_handle": PROFILE["handle"],
             "claimed_platform": ends[n % 2][1], "asserted_by": f"r{n}"}
            for n in range(count)
        ],
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 40])
def test_what_others_claim_never_lifts_it(count: int) -> None:
    told = copied(claims=claims(count))
    assert told["declared_level"] == 1
    assert told["standing"] == "suggested"


def test_who_is_named_must_name_back() -> None:
    """A copy can say that it is the other; only the other can say so too."""
    there, back = (NEW, "declared", f"x:x:{PROFILE['handle']}"), (OLD, "declared", NEW)
    one, both = (copied(sightings=sighted(*stated)) for stated in ([there], [there, back]))
    backed_by_a_claim = copied(sightings=sighted(there), claims=claims(2))
    assert (one["declared_level"], one["standing"]) == (2, "suggested")
    assert (backed_by_a_claim["declared_level"], backed_by_a_claim["standing"]) == (2, "suggested")
    assert (both["declared_level"], both["standing"]) == (3, "corroborated")


def test_an_address_alone_is_a_shared_machine() -> None:
    new = {"handle": "zzz_unlike", "display_name": "Quill Tarn"}
    found = link(accounts(new), sightings=shared(("ip_hmac", "aa"), ("ip_hmac", "bb")), min_probability=0.0).matches
    told = match(found)
    assert told["network_level"] == 2
    assert told["families"] == ["contact"]
    assert (told["story"], told["standing"]) == ("shared_machine", "suggested")


@pytest.mark.parametrize(("addresses", "standing"), [(["aa"], "suggested"), (["aa", "bb"], "corroborated")])
def test_one_shared_address_corroborates_no_copy_and_several_do(addresses: list[str], standing: str) -> None:
    told = copied(sightings=shared(*(("ip_hmac", value) for value in addresses)))
    assert set(told["families"]) >= {"naming", "contact"}
    assert told["standing"] == standing


def just_after(**new: Any) -> dict[str, Any]:
    """Evidence of an account made a day after the other's removal, and the accounts."""
    gone = {
        "enforcement_id": "e", "platform": "x", "source": "s", "action": "account_suspended_perm", "action_raw": "s",
        "scope": "platform", "account_id": OLD, "at_earliest": NOON, "at_latest": NOON, "policies": [],
    }  # fmt: skip
    old_time, new_time = ({"created_at": at, "created_at_precision": "exact"} for at in (NOON - 900 * DAY, NOON + DAY))
    return {"accounts": accounts(new | new_time, **old_time), "enforcements": frame("enforcements", [gone])}


def posts(account: str, hour: int) -> list[Row]:
    """Thirty days of three posts in one hour, from two days after the removal on."""
    return [
        {"content_id": f"{account}/{day}/{number}", "platform": account.partition(":")[0], "account_id": account,
         "created_at": NOON.replace(hour=hour, minute=number) + (day + 2) * DAY, "target_ids": []}
        for day in range(30)
        for number in range(3)
    ]  # fmt: skip


def test_made_right_after_a_removal_with_a_copied_name_is_a_suggestion() -> None:
    told = match(link(**just_after(**PROFILE), min_probability=0.0).matches)
    assert told["timing_level"] == 2
    assert "behaviour" in told["families"]
    assert (told["story"], told["standing"]) == ("same_operator", "suggested")


def test_nor_do_the_same_hours_make_it_more() -> None:
    others = [row for place in range(len(NAMES)) for row in posts(f"reddit:reddit:{place}", 8 + place % 10)]
    contents = frame("contents", [*posts(OLD, 3), *posts(NEW, 3), *others])
    told = match(link(**just_after(**PROFILE), contents=contents, min_probability=0.0).matches)
    assert (told["timing_level"], told["hours_level"]) == (2, 2)
    assert told["standing"] == "suggested"


def test_timing_without_a_name_is_no_match_of_its_own() -> None:
    found = link(**just_after(handle="zzz_unlike"), min_probability=0.0).matches
    pair = found.filter((pl.col("left") == PAIR[0]) & (pl.col("right") == PAIR[1]))
    assert set(pair["standing"]) <= {"suggested"}
    assert pair.filter(pl.col("match_probability") >= 0.5).height == 0


def aimed(count: int) -> pl.DataFrame:
    """Reports of both accounts for abuse of ``count`` targets that nobody else aims at."""
    ids = [f"t{n}" for n in range(count)]
    rows = [
        {"report_id": account, "source": "s", "source_kind": "report", "platform": account.partition(":")[0],
         "account_id": account, "category_reported": "abuse.insult", "specificity": "exact", "gate": "terms",
         "count": 1, "content_ids": [], "target_ids": ids}
        for account in PAIR
    ]  # fmt: skip
    return frame("reports", rows)


@pytest.mark.parametrize(("targets", "level", "standing"), [(1, 2, "suggested"), (2, 3, "corroborated")])
def test_several_rare_targets_corroborate_and_one_does_not(targets: int, level: int, standing: str) -> None:
    told = match(link(**just_after(**PROFILE), reports=aimed(targets), min_probability=0.0).matches)
    assert (told["targets_level"], told["standing"]) == (level, standing)
    assert "behaviour" in told["families"]


def test_a_copy_of_a_target_stays_one_whatever_else_agrees() -> None:
    """Not even a shared mailbox or rare targets make a copy of a target's profile its own."""
    target = {"target_id": OLD, "platform": "x", "handle": PROFILE["handle"], "name": PROFILE["display_name"]}
    seen = shared(("email_hmac", "aa"), *SEEN.items())
    told = copied(sightings=seen, targets=pl.DataFrame([target]), reports=aimed(2))
    assert {"contact", "behaviour"} <= set(told["families"])
    assert (told["story"], told["standing"]) == ("impersonation", "suggested")


def test_who_is_reported_as_a_copy_is_one_of_the_older_account() -> None:
    accused = aimed(0).filter(account_id=NEW).with_columns(category_reported=pl.lit("deception.impersonation"))
    told = copied(reports=accused)
    assert (told["story"], told["standing"]) == ("impersonation", "suggested")


LEVELS = st.one_of(st.none(), st.integers(0, 3))
FAMILIES = st.sets(st.sampled_from(["declared", "contact", "naming", "self_description", "behaviour"]))
STORIES = st.sampled_from(["same_operator", "impersonation", "coincidence", "shared_machine"])


@given(FAMILIES, st.fixed_dictionaries(dict.fromkeys(("contact", "network", "declared", "targets"), LEVELS)), STORIES)
def test_the_rule(families: set[str], levels: dict[str, int | None], story: str) -> None:
    row = {"families": [sorted(families)], "story": [story]} | {f"{name}_level": [at] for name, at in levels.items()}
    schema = {"families": pl.List(pl.String), "story": pl.String} | {f"{name}_level": pl.Int8 for name in levels}
    held = pl.DataFrame(row, schema=schema).select(corroborated()).item()
    known = {name: at or 0 for name, at in levels.items()}
    hard = {"contact"} if known["contact"] > 0 or known["network"] >= 2 else set()
    hard |= ({"declared"} if known["declared"] == 3 else set()) | ({"behaviour"} if known["targets"] == 3 else set())
    assert held == (len(families) > 1 and bool(families & hard) and story != "impersonation")
