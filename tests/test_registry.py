"""Targets and registries: exact on who is whom, whatever the order, and nobody in particular where several fit."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch import model, tables
from graphmatch.frames import frame
from graphmatch.merge import merge
from graphmatch.model import Content, Report, Target
from graphmatch.registry import mentioned, registered

ASHA, RHYS, OTHER_RHYS, MEMBER = "democracy_club:1", "democracy_club:2", "democracy_club:4", "publicwhip:10001"
BY_REGISTRY = ("registry",)


def known(target_id: str, person: str = ASHA, **values: Any) -> Target:
    """A row as a registry gives it."""
    platform, _, rest = target_id.partition(":")
    if platform == "name":
        return Target(target_id, None, None, values.pop("name", rest.title()), "candidate", person, BY_REGISTRY)
    handle = values.pop("handle", rest.partition(":")[2])
    return Target(target_id, platform, handle, None, values.pop("role", "candidate"), person, BY_REGISTRY)


def seen(target_id: str, handle: str | None = None, derivation: str = "mention") -> Target:
    """A row as a report's adapter gives it."""
    platform, _, rest = target_id.partition(":")
    if platform == "name":
        return Target(target_id, name=handle or rest, derivations=("intake",))
    return Target(target_id, platform, handle, derivations=(derivation,))


def table(*rows: Target) -> pl.DataFrame:
    return merge("targets", frame("targets", rows))


def after(*rows: Target) -> dict[str, str | None]:
    """Whom each target is registered as, once `registered` has been written."""
    targets = table(*rows)
    written = merge("targets", targets, registered(targets))
    return dict(written.select("target_id", "registered_as").iter_rows())


@pytest.mark.parametrize(
    ("register", "observed"),
    [
        (known("x:x:ashafornorthmoor", handle="AshaForNorthmoor"), seen("x:x:1783", "ashaFORnorthmoor")),
        (known("bluesky:bsky:asha.test"), seen("bluesky:bsky:did:plc:q2d2", "Asha.test")),
        (known("bluesky:bsky:did:plc:q2d2", handle=None), seen("bluesky:bsky:did:plc:Q2D2", "asha.test")),
        (known("youtube:youtube:UCabc", handle=None), seen("youtube:youtube:ucabc", "@asha", "channel_owner")),
        (known("youtube:youtube:asha"), seen("youtube:youtube:UCabc", "@asha", "channel_owner")),
        (known("mastodon:s.example:asha"), seen("mastodon:mastodon:asha@s.example", "asha@s.example")),
        (known("mastodon:s.example:asha"), seen("pleroma:s.example:AEf1", "asha@S.example")),
        (known("mastodon:s.example:asha"), seen("lemmy:l.example:https://s.example/u/asha", "@asha@s.example")),
        (known("facebook:facebook:asha.verma"), seen("facebook:facebook:ashaverma", "AshaVerma")),
        (known("name:asha verma"), seen("name:cllr asha verma", "Cllr. Asha  VERMA")),
        (known("name:asha verma"), seen("name:verma, asha", "Verma, Asha")),
    ],
)
def test_a_target_is_known_by_its_id_its_handle_or_its_name(register: Target, observed: Target) -> None:
    assert after(register, observed)[observed.target_id] == ASHA


@pytest.mark.parametrize(
    ("register", "observed"),
    [
        (known("x:x:asha"), seen("x:x:a5ha", "a5ha")),  # a look-alike is somebody else
        (known("x:x:asha"), seen("x:x:\u0430sha", "\u0430sha")),
        (known("x:x:asha"), seen("instagram:instagram:asha", "asha")),
        (known("x:x:asha"), seen("x:x:asha_", "asha_")),
        (known("mastodon:s.example:asha"), seen("mastodon:other.example:asha", "asha")),
        (known("mastodon:s.example:asha"), seen("mastodon:mastodon:asha", "asha")),  # on which server?
        (known("bluesky:bsky:asha.test"), seen("bluesky:bsky:asha.example", "asha.example")),
        (known("name:asha verma"), seen("name:asha", "Asha")),  # a first name is nobody's
        (known("name:asha", name="Asha"), seen("name:ms asha", "Ms Asha")),
        (known("name:asha verma"), seen("name:asha verma-jones", "Asha Verma-Jones")),
        (known("name:asha verma"), seen("x:x:9", "asha verma")),
    ],
)
def test_what_only_looks_alike_stays_a_stranger(register: Target, observed: Target) -> None:
    assert after(register, observed)[observed.target_id] is None


def test_the_derivations_stay_and_the_role_is_filled() -> None:
    targets = table(known("bluesky:bsky:asha.test"), seen("bluesky:bsky:did:plc:1", "asha.test", "reply_parent"))
    (row,) = registered(targets).to_dicts()
    assert (row["derivations"], row["role"], row["name"]) == (["reply_parent"], "candidate", None)
    assert tables.check("targets", registered(targets)).bad.is_empty()


def test_what_a_registry_gives_to_two_people_is_nobodys_in_particular() -> None:
    rows = [
        known("name:rhys delamere", RHYS),
        known("name:rhys delamere", OTHER_RHYS),
        seen("name:mr rhys delamere", "Mr Rhys Delamere"),
        known("x:x:party", ASHA),
        known("x:x:party", RHYS),
        seen("x:x:77", "Party"),
    ]
    found = after(*rows)
    assert found["name:rhys delamere"] == found["name:mr rhys delamere"] == f"{RHYS} {OTHER_RHYS}"
    assert found["x:x:party"] == found["x:x:77"] == f"{ASHA} {RHYS}"


def test_a_person_in_two_registries_keeps_both_ids_and_the_higher_role() -> None:
    rows = [known("x:x:asha", ASHA), known("x:x:asha", MEMBER, role="office holder"), seen("x:x:1", "asha")]
    targets = table(*rows)
    (row,) = registered(targets).to_dicts()
    assert (row["registered_as"], row["role"]) == (f"{ASHA} {MEMBER}", "office holder")


def test_what_was_known_once_is_not_forgotten() -> None:
    renamed = replace(seen("bluesky:bsky:did:plc:1", "rhys.test"), registered_as=ASHA)
    (row,) = registered(table(known("bluesky:bsky:rhys.test", RHYS), renamed)).to_dicts()
    assert row["registered_as"] == f"{ASHA} {RHYS}"


def test_without_a_registry_nothing_is_known() -> None:
    targets = table(seen("x:x:asha", "asha"), seen("name:asha verma"), Target("odd"))
    assert registered(targets).is_empty()
    assert registered(tables.empty("targets")).is_empty()
    assert mentioned(targets, tables.empty("contents"), tables.empty("reports")) == {}


ROWS = [
    known("x:x:asha", ASHA),
    known("x:x:asha", MEMBER, role="office holder"),
    known("name:rhys delamere", RHYS),
    known("name:rhys delamere", OTHER_RHYS),
    known("bluesky:bsky:asha.test", ASHA),
    seen("x:x:1", "Asha"),
    seen("x:x:asha", "Asha"),
    seen("bluesky:bsky:did:plc:1", "asha.test"),
    seen("name:mr rhys delamere", "Mr Rhys Delamere"),
    seen("youtube:youtube:UCabc", "@asha"),
]


@settings(deadline=None, max_examples=30)
@given(st.permutations(ROWS), st.lists(st.integers(1, 3), min_size=10, max_size=10))
def test_the_order_of_registries_and_reports_does_not_matter(rows: list[Target], sizes: list[int]) -> None:
    at_once = table(*ROWS)
    expected = merge("targets", at_once, registered(at_once))
    kept = tables.empty("targets")
    left = iter(rows)
    for size in sizes:
        read = frame("targets", itertools.islice(left, size))
        kept = merge("targets", kept, read)
        kept = merge("targets", kept, registered(kept))
    assert_frame_equal(kept, expected)
    assert registered(kept).is_empty()


def content(content_id: str, text: str | None, **values: Any) -> Content:
    return Content(content_id, content_id.partition(":")[0], text=text, **values)


def report(report_id: str, *content_ids: str) -> Report:
    return Report(
        report_id, "s", model.SourceKind.INTAKE, "x", None, None, "unmapped", model.Specificity.NONE,
        model.Gate.DEBATE, content_ids=content_ids,
    )  # fmt: skip


def aimed(text: str | None, platform: str = "x") -> list[str]:
    targets = table(known("x:x:asha"), known("telegram:telegram:asha"), known("instagram:instagram:asha.v"))
    found = mentioned(targets, frame("contents", [content(f"{platform}:1", text)]), tables.empty("reports"))
    return found["contents"]["target_ids"].to_list()[0] if "contents" in found else []


@pytest.mark.parametrize(
    "text",
    ["@Asha no", ".@asha", "(@ASHA)", "you, @asha!", "@asha's", "@asha.", "@bob @asha", "@asha-hater", "x\n@asha"],
)
def test_a_registered_handle_in_a_post_is_a_mention(text: str) -> None:
    assert aimed(text) == ["x:x:asha"]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "asha",
        "me@asha.example",
        "@asha@host.example",
        "https://medium.com/@asha",
        "?u=@asha",
        "@asha_",
        "@ashaverma",
        "#@asha",
        "@\u0430sha",
    ],
)
def test_what_is_no_mention_of_it_is_none(text: str | None) -> None:
    assert aimed(text) == []


def test_each_platform_has_its_own_mentions() -> None:
    assert aimed("@asha", "telegram") == ["telegram:telegram:asha"]
    assert aimed("@asha.v.", "instagram") == ["instagram:instagram:asha.v"]
    assert aimed("@asha", "instagram") == []
    for platform in ("bluesky", "mastodon", "reddit", "youtube"):
        assert aimed("@asha", platform) == []


def test_posts_and_the_reports_that_point_at_them_are_aimed_at_whom_they_mention() -> None:
    targets = table(known("x:x:asha"))
    contents = frame(
        "contents", [content("x:1", "@asha"), content("x:2", "@asha", target_ids=("x:x:bob",)), content("x:3", "hello")]
    )
    reports = frame("reports", [report("r1", "x:1", "x:3"), report("r2", "x:3"), report("r3")])
    found = mentioned(targets, contents, reports)
    assert found["contents"]["target_ids"].to_list() == [["x:x:asha"], ["x:x:asha", "x:x:bob"]]
    assert found["reports"].select("report_id", "target_ids").rows() == [("r1", ["x:x:asha"])]
    assert found["targets"]["derivations"].to_list() == [["mention", "registry"]]
    for name, rows in found.items():
        assert tables.check(name, rows).bad.is_empty(), name
    everything = {"targets": targets, "contents": contents, "reports": reports}
    again = {name: merge(name, rows, found[name]) for name, rows in everything.items()}
    assert mentioned(again["targets"], again["contents"], again["reports"]) == {}
