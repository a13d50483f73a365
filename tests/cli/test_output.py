"""What reaches a terminal: hostile characters are shown, not obeyed."""

from __future__ import annotations

from datetime import UTC, datetime

from graphmatch.cli.output import printable, shown, to_json


def test_control_and_override_characters_are_shown() -> None:
    assert printable("a\x1b[31mb\u202ec") == "a\\u001b[31mb\\u202ec"
    assert printable("Zoë 🌾 علي") == "Zoë 🌾 علي"


def test_values_for_people() -> None:
    assert shown(None) == "·"
    assert shown([0.5, None]) == "0.5, ·"
    assert shown(datetime(2026, 4, 15, 9, 12, tzinfo=UTC)) == "2026-04-15 09:12Z"


def test_json_times_end_in_z() -> None:
    assert to_json({"at": datetime(2026, 4, 15, 9, 12, tzinfo=UTC)}) == '{"at": "2026-04-15T09:12:00Z"}'
