"""Whose column is which: our contract's names, the names that people use instead, and a user's mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from graphmatch.adapter import available, read_mapping
from graphmatch.errors import ConfigError

#: Our columns, and the headers that are read as them when letter case and punctuation are left aside.
COLUMNS: dict[str, tuple[str, ...]] = {
    "report_id": ("reference", "ref", "report_no", "report_number", "case_id", "incident_id", "incident_no"),
    "reported_at": ("date_reported", "report_date", "reported", "reported_on", "date_of_report"),
    "platform": ("site", "network", "social_network", "service"),
    "account_url": ("profile_url", "account_link", "profile_link", "link_to_profile", "profile"),
    "handle": ("username", "user_name", "screen_name", "account_handle", "account_name", "account"),
    "display_name": ("profile_name", "shown_name", "name_shown"),
    "content_url": ("post_url", "tweet_url", "post_link", "content_link", "link_to_post", "link", "url"),
    "content_text": ("text", "post_text", "content", "message", "wording"),
    "content_at": ("posted_at", "posted_on", "post_date", "date_posted", "content_date"),
    "category": ("reason", "report_reason", "type_of_abuse", "abuse_type"),
    "target": ("candidate", "directed_at", "aimed_at", "target_name", "person_targeted"),
    "reporter_ref": ("reporter", "reported_by", "logged_by"),
    "action": ("outcome", "action_taken", "platform_action", "platform_response"),
    "action_at": ("action_date", "date_of_action", "outcome_date"),
    "evidence_url": ("evidence", "archive_url", "screenshot"),
    "notes": ("note", "remarks", "details"),
    "account_id": ("platform_account_id", "native_id", "user_id"),
    "instance": ("server", "account_instance"),
    "bio": ("biography", "profile_text"),
    "location": ("place",),
    "profile_links": ("links", "websites", "website"),
    "email": ("e_mail", "email_address"),
    "phone": ("phone_number", "telephone", "mobile"),
    "ip": ("ip_address",),
    "created_at": ("account_created", "account_created_at", "account_creation_date"),
}
#: One of each of these makes a table one of reports: who is reported, and that it is an allegation.
WHO = ("handle", "account_url", "account_id")
ALLEGATION = ("category", "report_id", "reported_at", "target", "reporter_ref")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How a table is to be read: ``columns`` ours → theirs, constants for columns it lacks, and its dates."""

    columns: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    dayfirst: bool = True
    zone: str = "Europe/London"


def load_mapping(path: Path | None, zone: str) -> TableMapping:
    """Read a mapping file.

    ::

        [columns]              # ours = "theirs"
        handle = "Abuser's @"
        [defaults]             # for columns that the table lacks
        platform = "x"
        [dates]
        dayfirst = true        # 02/04/2026 is in April
        zone = "Europe/London" # of times without an offset

    Raises
    ------
    ConfigError
        The file is missing, is no TOML, or names a column or zone that does not exist; the message says which.
    """
    if path is None:
        return TableMapping(zone=_zone(zone, "the setting timezone"))
    data = read_mapping(path)
    # A section that bears another adapter's name is that adapter's.
    unknown = sorted(set(data) - {"columns", "defaults", "dates"} - set(available()))
    if unknown:
        raise ConfigError(f"{path.name}: there is no section {unknown[0]!r}, only columns, defaults and dates")
    dates = _section(data, "dates", path)
    dayfirst = dates.get("dayfirst", True)
    if not isinstance(dayfirst, bool):
        raise ConfigError(f"{path.name}: dates.dayfirst is true or false")
    return TableMapping(
        columns=_ours(_section(data, "columns", path), path),
        defaults=_ours(_section(data, "defaults", path), path),
        dayfirst=dayfirst,
        zone=_zone(str(dates.get("zone", zone)), f"{path.name}: dates.zone"),
    )


def names_of(columns: Sequence[str], mapping: TableMapping) -> dict[str, str]:
    """Tell which of ``columns`` is which of ours, as theirs → ours. Others are left out."""
    return _names(tuple(columns), tuple(sorted(mapping.columns.items())))


@lru_cache(maxsize=512)
def _names(columns: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> dict[str, str]:
    by_fold: dict[str, str] = {}
    for theirs in columns:
        by_fold.setdefault(_fold(theirs), theirs)
    found: dict[str, str] = {}
    for ours, theirs in given:
        chosen = theirs if theirs in columns else by_fold.get(_fold(theirs))
        if chosen is not None:
            found[chosen] = ours
    for ours, name in _wanted({ours for ours, _ in given}):
        chosen = by_fold.get(name)
        if chosen is not None and chosen not in found and ours not in found.values():
            found[chosen] = ours
    return found


def _wanted(given: set[str]) -> Iterator[tuple[str, str]]:
    """Give ours and a folded header for it: our own names first, so that no other name takes their place."""
    rest = {ours: names for ours, names in COLUMNS.items() if ours not in given}
    yield from ((ours, ours) for ours in rest)
    yield from ((ours, name) for ours, names in rest.items() for name in names)


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _section(data: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, Mapping):
        raise ConfigError(f"{path.name}: {name!r} is a section, written [{name}]")
    return section


def _ours(section: Mapping[str, Any], path: Path) -> dict[str, str]:
    for name, value in section.items():
        if name not in COLUMNS:
            raise ConfigError(f"{path.name}: there is no column {name!r}; ours are: {', '.join(COLUMNS)}")
        if not isinstance(value, str):
            raise ConfigError(f"{path.name}: {name} needs a text in quotes")
    return dict(section)


def _zone(name: str, where: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(f"{where}: there is no time zone {name!r}; e.g. Europe/London") from None
    return name
