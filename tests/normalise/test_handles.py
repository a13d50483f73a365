# ruff: noqa: RUF001 - look-alikes are what is tested
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import handles

HANDLES = st.text(max_size=40) | st.text("abcdeirnvw01345.$@_- /u", max_size=30)


@given(HANDLES, st.sampled_from([None, "bluesky", "mastodon"]))
@settings(deadline=None, max_examples=150)
def test_folding_twice_is_folding_once(text: str, platform: str | None) -> None:
    once = handles.fold(text, platform)
    assert handles.fold(once, platform) == once


@given(HANDLES)
@settings(deadline=None, max_examples=150)
def test_a_stem_is_its_own_stem(text: str) -> None:
    once = handles.stem(text)
    assert handles.stem(once) == once


@given(st.text("abcdefgxyz", min_size=4, max_size=15), st.sampled_from(["_", ".", "-", ""]), st.integers(0, 2099))
@settings(deadline=None, max_examples=60)
def test_digits_and_separators_at_the_end_do_not_tell_stems_apart(name: str, separator: str, number: int) -> None:
    assert handles.stem(f"{name}{separator}{number}") == handles.stem(name)


@pytest.mark.parametrize(
    "disguised",
    ["Grimwald", "gr1mwald", "GRIM_WALD", "gгimwаld", "grimwald", "𝓰𝓻𝓲𝓶𝔀𝓪𝓵𝓭", "gri\u200bmwald", "the_real_grimwald",
     "grimwald_77", "@grimwald-77", "grimwald2019", "grimwald_backup", "grimwald@social.example", "grímwald"],
)  # fmt: skip
def test_disguises_have_one_stem(disguised: str) -> None:
    assert handles.stem(disguised) == "grimwald"


@pytest.mark.parametrize(
    ("handle", "platform", "bare"),
    [
        ("@nan@dales.example", "mastodon", "nan"),
        ("@nan:dales.example", "matrix", "nan"),
        ("nan.bsky.social", None, "nan"),
        ("grimwald77.test", "bluesky", "grimwald77"),
        ("jane.doe", "facebook", "jane.doe"),
        ("u/nan", "reddit", "nan"),
        ("m@tt", "x", "m@tt"),
    ],
)
def test_the_host_is_not_part_of_the_name(handle: str, platform: str, bare: str) -> None:
    assert handles.host_free(handle, platform) == bare


def test_leet_is_undone_only_where_a_digit_stands_for_a_letter() -> None:
    assert handles.fold("n0quarter") == "noquarter"
    assert handles.fold("nan1949") == "nan1949"
    assert handles.fold("b1995c") == "b1995c"
    assert handles.fold("m@$ter") == "master"


def test_look_alikes_inside_latin_meet_in_the_skeleton_only() -> None:
    assert handles.skeleton("ashaverrna") == handles.skeleton("ashaverma")
    assert handles.fold("verrna") != handles.fold("verma")


def test_no_affix_is_dropped_if_nothing_much_is_left() -> None:
    assert handles.stem("themp") == "themp"
    assert handles.stem("1984") == "1984"
    assert handles.stem("___") == "___"


def test_ten_thousand_handles_take_no_time_to_speak_of() -> None:
    stems = {handles.stem(f"moor_{number}_lad") for number in range(10_000)}
    assert len(stems) == 10_000


def test_what_folding_uncovers_is_folded_too() -> None:
    assert handles.fold("4cct:nan") == "nan"
