"""Markdown of profiles: words stay, addresses are found, hostile text costs no more than its length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.normalise.markdown import links_in_markdown, strip_markdown


@pytest.mark.parametrize(
    ("text", "plain", "links"),
    [
        ("no quarter", "no quarter", []),
        ("see [my blog](https://a.example/x)!", "see my blog!", ["https://a.example/x"]),
        ("[a](https://a.example),[b](https://b.example)", "a,b", ["https://a.example", "https://b.example"]),
        ('[a]( <https://a.example> "my title" )', "a", ["https://a.example"]),
        ("[w](https://a.example/w_(x))", "w", ["https://a.example/w_(x)"]),
        ("[](https://a.example)", "https://a.example", ["https://a.example"]),
        ("![me](https://a.example/me.png) hello", "me hello", []),
        ("https://a.example and <https://b.example>", "https://a.example and <https://b.example>", []),
        ("[not a link] (really)", "[not a link] (really)", []),
        ("[same](https://a.example) [again](https://a.example)", "same again", ["https://a.example"]),
    ],
)
def test_links_are_taken_apart(text: str, plain: str, links: list[str]) -> None:
    assert (strip_markdown(text), links_in_markdown(text)) == (plain, links)


@given(st.text(alphabet='[]()<>!"\\ ab:/.', max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert len(strip_markdown(text)) <= len(text)
    assert all(link in text for link in links_in_markdown(text))


@pytest.mark.parametrize("unit", ["[", "[a](", "![", "[a](b(", '[a](b "'])
def test_hostile_text_takes_no_time(unit: str) -> None:
    text, begun = unit * 50_000, time.perf_counter()
    strip_markdown(text)
    assert time.perf_counter() - begun < 2
