"""A bundle as STIX 2.1, for the tools of trust-and-safety teams and police units. Pure.

Accounts are ``user-account`` objects, whose ids anybody who sees the same account computes alike. A link is a
``related-to`` relationship, a move a ``note`` on it. There is no actor, person or threat object: the tool holds
evidence, not identity. STIX 2.1 itself knows TLP 1 alone; the marking is OASIS's published TLP 2.0 extension
(cti-stix-common-objects, ``extension-definition--60a3c5c5…``), carried inside the bundle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
from stix2 import v21

from graphmatch.release.identity import address
from graphmatch.release.rows import confidence, made_id

DESCRIPTION = "suspected same operator; a lead, not a verdict"

_TLP2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP2_CREATED = "2022-10-01T00:00:00.000Z"
_TLP2 = {
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}


class Writer:
    """Turns a bundle's tables into STIX objects, all by one author, under one marking, at one time.

    ``created`` gives the creation times of objects that an earlier bundle held: an object's may never change.
    """

    def __init__(
        self, *, workspace: str, marking: str, made_at: datetime, created: Mapping[str, str] | None = None
    ) -> None:
        self._workspace = workspace
        self._marking = _marking(marking)
        self._made_at = made_at
        self._created = created or {}
        self._author = v21.Identity(
            **self._when(f"identity--{made_id('author', workspace)}"),
            name=workspace,
            identity_class="organization",
            object_marking_refs=[self._marking.id],
        )

    def write(self, links: pl.DataFrame, migrations: pl.DataFrame, release_id: str, title: str) -> bytes:
        """Give the bundle as JSON, objects in a fixed order."""
        accounts: dict[str, v21.UserAccount] = {}
        relationships: dict[str, v21.Relationship] = {}
        by_link: dict[str, list[dict[str, Any]]] = {}
        for row in links.iter_rows(named=True):
            by_link.setdefault(row["link_id"], []).append(row)
        for row, *other in by_link.values():
            # Where both accounts are the recipient's, a second row names the other one in full.
            own, linked = self._own(row), self._own(other[0]) if other else self._linked(row)
            accounts |= {own.id: own, linked.id: linked}
            relationship = self._relationship(row, own, linked)
            relationships[relationship.id] = relationship
        notes = [self._note(row) for row in migrations.iter_rows(named=True)]
        found = [*_by_id(accounts.values()), *_by_id(relationships.values()), *_by_id(notes)]
        grouping = [self._grouping(found, release_id, title)] if found else []
        objects = [self._marking, self._author, *found, *grouping]
        bundle = {
            "type": "bundle",
            "id": f"bundle--{made_id('bundle', release_id)}",
            "objects": [json.loads(each.serialize()) for each in objects],
        }
        return (json.dumps(bundle, ensure_ascii=False, indent=1) + "\n").encode()

    def _own(self, row: dict[str, Any]) -> v21.UserAccount:
        return v21.UserAccount(
            account_type=row["platform"],
            user_id=row["native_id"],
            account_login=address(row["handle"], row["instance"]),
            object_marking_refs=[self._marking.id],
        )

    def _linked(self, row: dict[str, Any]) -> v21.UserAccount:
        login = address(row["linked_handle"], row["linked_instance"])
        return v21.UserAccount(
            account_type=row["linked_platform"],
            user_id=None if login else row["linked_url"],
            account_login=login,
            object_marking_refs=[self._marking.id],
        )

    def _relationship(self, row: dict[str, Any], own: v21.UserAccount, linked: v21.UserAccount) -> v21.Relationship:
        page = [{"source_name": row["linked_platform"], "url": row["linked_url"]}] if row["linked_url"] else None
        return v21.Relationship(
            **self._when(f"relationship--{row['link_id']}"),
            **self._ours(),
            relationship_type="related-to",
            source_ref=min(own.id, linked.id),
            target_ref=max(own.id, linked.id),
            description=DESCRIPTION,
            confidence=confidence(row["likelihood"]),
            labels=[
                f'estimative-language:likelihood-probability="{row["likelihood"].replace(" ", "-")}"',
                *(f"evidence-family:{family}" for family in row["families"]),
            ],
            external_references=page,
        )

    def _note(self, row: dict[str, Any]) -> v21.Note:
        left, arrived = (_interval(row[f"{what}_earliest"], row[f"{what}_latest"]) for what in ("left", "arrived"))
        return v21.Note(
            **self._when(f"note--{row['migration_id']}"),
            **self._ours(),
            abstract=f"suspected migration: {row['kind']}",
            content=f"{row['kind']} ({row['direction']}); left {left}; arrived {arrived}. {DESCRIPTION}.",
            object_refs=[f"relationship--{row['link_id']}"],
        )

    def _grouping(self, found: list[Any], release_id: str, title: str) -> v21.Grouping:
        return v21.Grouping(
            **self._when(f"grouping--{made_id('grouping', release_id)}"),
            **self._ours(),
            name=title,
            description="Accounts suspected to have the same operator. Leads to be verified, not verdicts.",
            context="suspicious-activity",
            object_refs=[each.id for each in found],
        )

    def _when(self, object_id: str) -> dict[str, Any]:
        created = self._created.get(object_id, self._made_at)
        return {"id": object_id, "created": created, "modified": self._made_at}

    def _ours(self) -> dict[str, Any]:
        return {"created_by_ref": self._author.id, "object_marking_refs": [self._marking.id]}


def creation_times(bundle: bytes) -> dict[str, str]:
    """Give the ``created`` of every object of a bundle that has one, by id."""
    return {each["id"]: each["created"] for each in json.loads(bundle)["objects"] if "created" in each}


def _marking(label: str) -> v21.MarkingDefinition:
    colour = label.removeprefix("TLP:").lower()
    return v21.MarkingDefinition(
        id=_TLP2[label],
        created=_TLP2_CREATED,
        name=label,
        extensions={_TLP2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": colour}},
    )


def _by_id(objects: Any) -> list[Any]:
    return sorted(objects, key=lambda each: str(each.id))


def _interval(earliest: datetime | None, latest: datetime | None) -> str:
    if earliest is None and latest is None:
        return "at an unknown time"
    if earliest == latest and earliest is not None:
        return f"at {_iso(earliest)}"
    return " ".join(f"{word} {_iso(time)}" for word, time in (("from", earliest), ("to", latest)) if time is not None)


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
