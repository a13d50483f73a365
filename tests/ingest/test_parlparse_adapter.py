"""parlparse: members' accounts as targets; several elements about one person; a document with a DTD is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, rows_of

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import head
from graphmatch.model import Target
from ingest.parlparse.adapter import ParlparseAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "targets" / "parlparse_social_media.xml"
ADAPTER = ParlparseAdapter(Options())
LAYOUT = Layout("xml", "personinfo", "personinfo")


def targets(**attributes: Any) -> list[Target]:
    record = RawRecord(1, {"id": "uk.org.publicwhip/person/999001", **attributes})
    found = ADAPTER.normalise(record, Context("parlparse", "any.xml", LAYOUT, KEYRING))
    return [row for row in found if isinstance(row, Target)]


def test_each_account_is_a_target_of_the_person() -> None:
    found = targets(
        twitter_username="TomHallworthMP", bluesky_handle="tom.test", facebook_page="https://facebook.com/tom.h"
    )
    assert [(target.target_id, target.handle) for target in found] == [
        ("x:x:tomhallworthmp", "TomHallworthMP"),
        ("bluesky:bsky:tom.test", "tom.test"),
        ("facebook:facebook:tom.h", "tom.h"),
    ]
    assert {(t.registered_as, t.role, t.derivations) for t in found} == {
        ("publicwhip:999001", "office holder", ("registry",))
    }


@pytest.mark.parametrize(
    ("attributes", "account", "handle"),
    [
        ({"twitter_username": "@Tom"}, "x:x:tom", "Tom"),
        ({"twitter_username": "https://twitter.com/Tom?s=20"}, "x:x:tom", "tom"),
        ({"facebook_page": "https://www.facebook.com/profile.php?id=10099"}, "facebook:facebook:10099", None),
        ({"bluesky_handle": "https://bsky.app/profile/did:plc:q2d2"}, "bluesky:bsky:did:plc:q2d2", None),
    ],
)
def test_an_account_is_read_in_every_spelling(attributes: dict[str, str], account: str, handle: str | None) -> None:
    (target,) = targets(**attributes)
    assert (target.target_id, target.handle) == (account, handle)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"twitter_username": ""},
        {"twitter_username": "not on it"},
        {"facebook_page": "https://facebook.com/groups/northmoor"},
        {"facebook_page": "https://tom.example"},
        {"wikipedia_url": "https://en.wikipedia.org/wiki/Nobody"},
    ],
)
def test_an_element_that_names_no_account_is_left_out(attributes: dict[str, str]) -> None:
    with pytest.raises(LeftOut):
        targets(**attributes)


def test_a_person_without_a_number_is_rejected() -> None:
    for bad in (None, "", " ", "uk.org.publicwhip/person/9 1", "uk.org.publicwhip/person/"):
        with pytest.raises(RejectedRecord):
            targets(id=bad, twitter_username="Tom")


def seen(text: bytes) -> Head:
    return head(io.BytesIO(text), "a.xml")


def test_only_lists_of_persons_are_recognised() -> None:
    ours = b'<?xml version="1.0"?>\n<publicwhip>\n <personinfo id="x" twitter_username="y"/></publicwhip>'
    assert ADAPTER.recognise(seen(ours)) == LAYOUT
    assert ADAPTER.recognise(seen(ours.decode().encode("utf-16"))) == LAYOUT
    for other in (b"<publicwhip><member id='x'/></publicwhip>", b"<rss><personinfo id='x'/></rss>", b"{}", b"a,b\n"):
        assert isinstance(ADAPTER.recognise(seen(other)), Refusal), other


def test_a_document_with_entities_of_its_own_is_not_read() -> None:
    hostile = b'<!DOCTYPE publicwhip [<!ENTITY e "x">]><publicwhip><personinfo id="&e;"/></publicwhip>'
    assert ADAPTER.recognise(seen(hostile)) == LAYOUT
    assert [type(item) for item in ADAPTER.read(io.BytesIO(hostile), LAYOUT)] == [Unreadable]


@pytest.mark.skipif(not SHARED.exists(), reason="the format samples are not beside the repository")
def test_the_shared_sample_names_three_members() -> None:
    found = [row for row in rows_of(ADAPTER, SHARED) if isinstance(row, Target)]
    assert {target.registered_as for target in found} == {f"publicwhip:99900{n}" for n in (1, 2, 3)}
    assert len(found) == 5
