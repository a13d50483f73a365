"""Whole columns give what the functions for one text give, on plain texts and on adversarial ones."""

# ruff: noqa: RUF001 - the foreign signs are meant
from collections.abc import Sequence

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphmatch.normalise import handles, names
from graphmatch.normalise.columns import apart, each, merged
from graphmatch.normalise.handle_columns import folded_and_stems, skeletons
from graphmatch.normalise.name_columns import named, organisation_ends
from graphmatch.normalise.name_forms import MAX_FORMS, _apart, _full, _short, forms
from graphmatch.normalise.text_columns import bare_words, bare_words_of

HANDLE_BITS = st.sampled_from(
    [
        "grim", "Wald", "doe", "a", "b", "real", "the", "official", "mp", "uk", "senator", "for", "ford", "congress",
        "1", "3", "0", "77", "4l", "_", "-", ".", "__", "@", "www.", "WWW.", ".bsky.social", ".b5ky.s0cial",
        "bsky.social", "-abc123", "_99aa6b126", "-deadbeef", "/u/", "u/", "user/", "acct:", "@x.example", "@x",
        ":h.example", "lll", "oooo", "rn", "vv", "$", "!", " ", "é", "\n", "\0", "ооо", "Ａ", "②", "٣", "\u200b",
    ]
)  # fmt: skip
HANDLE = st.lists(HANDLE_BITS, min_size=1, max_size=6).map("".join) | st.text(min_size=1, max_size=12)
PLATFORM = st.sampled_from(["x", "bluesky", "mastodon", "linkedin"])
NAME_BITS = st.sampled_from(
    [
        "Jane", "Doe", "bob", "robert", "Aleksandr", "van", "de", "O'Neil", "O’Brien", "Samuel", "iy", "a", "1",
        "Müller", "юрий", "Зоряна", "José", "김철수", "金", "محمد", "लता", "Pеtеr", "ß", "ł", "ŉ", "ᄀ", "ᴀɴɴᴀ", "é",
        "\u0301", "🐑",
        "👨‍👩‍👧", "1️⃣", "☀️", "🇬🇧", "❶", "™", "(x)", "(", "[y]", "Dr", "MP.", "Mr", "Brewing", "Ltd", "²", "_", "-",
        ".", "`", "´", "ʼ", "\u200b", "\n", "\0",
    ]
)  # fmt: skip
NAME = st.builds(
    lambda between, bits: between.join(bits), st.sampled_from(["", " ", "  "]), st.lists(NAME_BITS, max_size=5)
) | st.text(max_size=12)  # fmt: skip
TEXT_BITS = st.sampled_from(
    ["Tea", "not", "coffee", " ", "  ", ". ", "_", "-", "🌾", "é", "9", "\n", "\0", "\x1f", "ﬁ"]
)
TEXT = st.lists(TEXT_BITS, max_size=8).map("".join) | st.text(max_size=12)


def column(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


@given(st.lists(st.tuples(st.none() | HANDLE, PLATFORM), max_size=8))
@example(
    [("grim.b5ky.s0cial", "x"), ("grim.bsky.social_abc123", "x"), ("www.www.grim.example", "bluesky"), ("@_", "x")]
)
@settings(deadline=None, max_examples=150)
def test_handles_are_folded_as_one_by_one(rows: list[tuple[str | None, str]]) -> None:
    folded, stems = folded_and_stems(column([handle for handle, _ in rows]), column([place for _, place in rows]))
    expected = [
        (None, None) if handle is None
        else (handles.squash(handles.fold(handle, place)) or handle, handles.stem(handle, place) or handle)
        for handle, place in rows
    ]  # fmt: skip
    assert list(zip(folded, stems, strict=True)) == expected
    assert skeletons(stems).to_list() == [None if stem is None else handles.skeleton(stem) for _, stem in expected]


@given(st.lists(st.none() | NAME, max_size=6))
@example(["1️⃣ Jane", "Jane🐑Doe", "Ja\u200dne ☀️", "Zoë 🇬🇧", "Official", "DR. (MP)"])
@settings(deadline=None, max_examples=150)
def test_names_are_taken_apart_as_one_by_one(values: list[str | None]) -> None:
    found = named(column(values))
    for value, row in zip(values, found.iter_rows(named=True), strict=True):
        words, written = ((), ()) if value is None else (names.tokens(value), names.written(value))
        assert row == {
            "words": list(words) or None,
            "name": names.key(words) if words else None,
            "joined": "".join(words) if words else None,
            "full_forms": None if value is None else names.full_forms(written),
            "short_forms": None if value is None else names.short_forms(written),
            "organisation": names.is_organisation(words),
        }


@given(st.lists(NAME_BITS, min_size=2, max_size=2))
@settings(deadline=None, max_examples=200)
def test_names_of_two_words_have_the_forms_of_all_names(bits: list[str]) -> None:
    words = names.written(" ".join(bits))
    name = _apart(words)
    full = [form for form in dict.fromkeys(_full(words, name)) if form][:MAX_FORMS]
    short = [form for form in dict.fromkeys(_short(name)) if form not in full][:MAX_FORMS] if name else []
    assert forms(words) == (sorted(full), sorted(short))


@given(st.lists(st.none() | TEXT, max_size=6))
@settings(deadline=None, max_examples=150)
def test_texts_have_the_bare_words_that_each_has(values: list[str | None]) -> None:
    assert bare_words_of(column(values)).to_list() == [None if text is None else bare_words(text) for text in values]


def test_bare_words_are_lower_case_with_a_space_between() -> None:
    assert bare_words(" Tea, not\n_Coffee_! ") == "tea not coffee"
    assert bare_words("🌾 …") is None


def test_the_end_of_a_stem_tells_of_an_organisation() -> None:
    stems = ["oldbrewing", "abrewing", "brewing", "janedoe", "grimcoffee", "grimpub"]
    assert organisation_ends(column([*stems, None])).to_list() == [
        *(names.is_organisation((), stem) for stem in stems), False
    ]  # fmt: skip
    assert organisation_ends(column(stems)).to_list() == [True, False, False, False, True, False]


def test_each_different_value_is_asked_for_once() -> None:
    asked: list[str] = []

    def upper(value: str) -> str:
        asked.append(value)
        return value.upper()

    made = each(column(["b", None, "a", "b"]), upper, pl.String)
    assert made.to_list() == ["B", None, "A", "B"]
    assert sorted(asked) == ["a", "b"]


def test_what_is_made_apart_comes_back_in_order() -> None:
    values = column(["a", "1", None, "b", "2"])
    made = apart(values, values.str.contains("[a-z]"), lambda some: some.str.to_uppercase(), lambda value: f"<{value}>")
    assert made.to_list() == ["A", "<1>", None, "B", "<2>"]
    assert merged(pl.Series([False, True]), column(["there"]), column(["else"])).to_list() == ["else", "there"]
