"""The STIX bundle, read back by the library that others read it with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import stix2
from release_world import MASTODON, contents, make

from graphmatch.estimative import words
from graphmatch.release import Recipient, rows
from graphmatch.release.stix import DESCRIPTION

ALLOWED = {"marking-definition", "identity", "user-account", "relationship", "note", "grouping"}


@pytest.fixture
def stix_bundle(tmp_path: Path) -> bytes:
    return contents(make(tmp_path))["bundle.stix.json"]


def test_it_parses_strictly_and_holds_no_threat_actor(stix_bundle: bytes) -> None:
    parsed = stix2.parse(stix_bundle.decode(), allow_custom=False)
    assert {o.type for o in parsed.objects} == ALLOWED
    assert b"threat-actor" not in stix_bundle
    assert b"same person" not in stix_bundle.lower()


def test_every_reference_is_inside_and_everything_is_marked(stix_bundle: bytes) -> None:
    objects = json.loads(stix_bundle)["objects"]
    ids = {o["id"] for o in objects}
    for each in objects:
        refs = [v for k, v in each.items() if k.endswith("_ref")]
        refs += [r for k, v in each.items() if k.endswith("_refs") for r in v]
        assert set(refs) <= ids
        if each["type"] != "marking-definition":
            assert each["object_marking_refs"] == ["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"]


def test_a_link_is_a_lead(stix_bundle: bytes) -> None:
    [link] = [o for o in json.loads(stix_bundle)["objects"] if o["type"] == "relationship"]
    assert (link["relationship_type"], link["description"], link["confidence"]) == ("related-to", DESCRIPTION, 97)


@pytest.mark.parametrize("marking", ["TLP:RED", "TLP:AMBER"])
def test_other_markings(tmp_path: Path, marking: str) -> None:
    recipient = Recipient(MASTODON.name, MASTODON.platform, marking=marking)
    first = stix2.parse(contents(make(tmp_path, recipient=recipient))["bundle.stix.json"].decode()).objects[0]
    assert first.name == marking


@pytest.mark.parametrize(
    ("probability", "word", "middle"),
    [
        (1.0, "almost certain", 97),
        (0.95, "almost certain", 97),
        (0.9499, "very likely", 87),
        (0.5, "roughly even chance", 50),
        (0.0, "almost no chance", 2),
    ],
)
def test_likelihood_in_words(probability: float, word: str, middle: int) -> None:
    assert words(probability) == word
    assert rows.confidence(word) == middle
