# ruff: noqa: RUF001 - look-alikes are what is tested
import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import handles, look_alikes


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("gгimwаld", "grimwald"),  # Cyrillic
        ("ᴊᴀɴᴇ ᴅᴏᴇ", "jane doe"),  # small capitals
        ("ꓢᴍɪᴛʜ", "smith"),  # Lisu
        ("Ꮶatе", "kate"),  # Cherokee
        ("🅱🅾🅱", "bob"),  # badges
        ("ΗANNA", "hanna"),  # a Greek capital counts by its own shape beside Latin letters
        ("ΝAΤO", "nato"),
        ("яussiaи", "russian"),
        ("nan٧٧", "nan77"),
        ("nan۷۷", "nan77"),
        ("ŁUKASZ", "lukasz"),
        ("Ƶoë", "zoe"),
        ("ɗavıd", "david"),
    ],
)
def test_what_passes_for_latin_folds_to_it(disguised: str, plain: str) -> None:
    assert handles.fold(disguised) == plain


def test_capitals_and_small_letters_of_a_greek_handle_stay_one() -> None:
    assert handles.fold("ΗΛΙΑΣ") == handles.fold("ηλιασ")


@given(st.text(string.ascii_lowercase + string.digits, max_size=20), st.sampled_from("‘”– ·東ж"))
@settings(deadline=None)
def test_no_plain_letter_passes_for_another(text: str, beside: str) -> None:
    """Unicode's list is a relation both ways: long s is like f, but s is not."""
    assert look_alikes.unmask(beside + text).endswith(text)


@given(st.text(max_size=30))
@settings(deadline=None)
def test_unmasking_is_settled_by_folding(text: str) -> None:
    once = handles.fold(text)
    assert handles.fold(once) == once


def test_most_of_unicodes_list_is_undone() -> None:
    """Of letters that Unicode says pass for one ASCII letter, those of the lower case fold to ASCII."""
    small, capitals = look_alikes._listed()
    assert len(small) > 400
    assert len(capitals) > 200
    assert not any(chr(code).isascii() for code in (*small, *capitals))
    kept = [chr(code) for code in small if not handles.fold(chr(code)).isascii()]
    assert kept == []


def test_digits_of_all_scripts_are_digits() -> None:
    for zero in "٠۰०০౦๐":
        assert handles.fold(f"nan{chr(ord(zero) + 7)}") == "nan7", unicodedata.name(zero)
