"""Who an analyst is, however the name is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.analysts import analyst_key


@pytest.mark.parametrize(
    "typed",
    ["Jo Smith", " jo  smith ", "JO.SMITH", "jo_smith", "j\u043e sm\u0456th", "j\u200bo smith", "J\u00f3 Smith"],
)
def test_spellings_of_one_name_are_one_analyst(typed: str) -> None:
    assert analyst_key(typed) == "josmith"


def test_other_names_are_other_analysts() -> None:
    assert (
        len({analyst_key(name) for name in ("jo", "sam", "analyst-1", "analyst-2", "jo@a.example", "jo@b.example")})
        == 6
    )


@pytest.mark.parametrize("nobody", ["", " ", "\u200b", "...", "-"])
def test_what_holds_no_letter_names_nobody(nobody: str) -> None:
    assert analyst_key(nobody) == ""


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=12))
def test_case_and_spaces_never_tell_apart(name: str) -> None:
    assert analyst_key(f" {name}\t") == analyst_key(name)
