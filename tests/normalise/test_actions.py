"""Sanctions become actions by table; a closed ticket is none."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.model import Action
from graphmatch.normalise.actions import action

ROWS = list(
    csv.DictReader(files("graphmatch.normalise").joinpath("data", "action_map.csv").read_text("utf-8").splitlines())
)


def test_every_row_is_an_action_and_is_reached() -> None:
    for row in ROWS:
        words = row["raw"].replace("*", " ").strip()
        if words:
            assert action(row["platform"], words) is Action(row["action"]), row


def test_unknown_is_none() -> None:
    assert action("mastodon", "explode") is None
    assert action("nowhere", "suspend") is None
    assert action("generic", "") is None


def test_closing_a_ticket_is_no_sanction() -> None:
    assert action("mastodon", "report.action_taken=true") is Action.TRIAGE
    assert action("lemmy", "resolved=true") is Action.TRIAGE


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Removed by group admin", Action.CONTENT_REMOVED),
        ("no violation", Action.NONE),
        ("reported to police", Action.REFERRED_LE),
        ("Suspended for 7 days", Action.ACCOUNT_SUSPENDED_TEMP),
        ("permanently suspended", Action.ACCOUNT_SUSPENDED_PERM),
        ("account was not suspended", Action.NONE),
        ("banned", Action.ACCOUNT_SUSPENDED_PERM),
        ("Removed from the group by an admin", Action.COMMUNITY_BAN_PERM),
        ("account removed", Action.ACCOUNT_TERMINATED),
        ("they said it does not violate their rules, post not removed", Action.NONE),
        ("user was unbanned on appeal", Action.ACCOUNT_RESTORED),
        ("rang the printers", None),
    ],
)
def test_free_text_actions(raw: str, expected: Action | None) -> None:
    assert action("generic", raw) is expected


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.sampled_from(["generic", "mastodon", "reddit", "bluesky"]))
def test_any_text_is_an_action_or_none(raw: str, platform: str) -> None:
    got = action(platform, raw)
    assert got is None or isinstance(got, Action)
