import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.signals import canonical_link, canonical_links, links_in
from graphmatch.link.traits import shown

BITS = st.sampled_from(
    ["https://", "HTTP://", "ftp://", "://", "www.", "m.", "mobile.", "Grim.example", "x", "/", "/Wald/", "?a=1",
     "#top", ":8080", ".", ",", ";!", " ", "é", "\n", "(", "s", "did:plc:x"]
)  # fmt: skip
URL = st.lists(BITS, max_size=6).map("".join) | st.lists(BITS, max_size=5).map(lambda bits: "https://" + "".join(bits))


@given(st.lists(st.none() | URL, max_size=8))
@settings(deadline=None, max_examples=200)
def test_links_are_made_canonical_as_one_by_one(urls: list[str | None]) -> None:
    made = canonical_links(pl.Series(urls, dtype=pl.String))
    assert made.to_list() == [None if url is None else canonical_link(url) for url in urls]


def test_a_canonical_link_has_no_scheme_query_or_closing_slash() -> None:
    assert canonical_link("https://www.Grim.example/Wald/?a=1#top") == "grim.example/wald"
    assert canonical_link("grim.example/wald.") == "grim.example/wald"
    assert canonical_link("https://grimwald") is None


def test_links_are_found_in_text() -> None:
    assert links_in("See www.grim.example, https://wald.example/a?b and tarn.example/x.") == [
        "grim.example",
        "tarn.example/x",
        "wald.example/a",
    ]
    assert links_in("Tea. Not coffee") == []


def bare(**columns: list[str | None]) -> pl.DataFrame:
    rows = len(next(iter(columns.values())))
    return pl.DataFrame(
        {"account_id": [f"a{number}" for number in range(rows)], "platform": ["x"] * rows, **columns},
        schema_overrides=dict.fromkeys(columns, pl.String),
    )


def test_without_sightings_links_stand_in_the_profile() -> None:
    frame = shown(bare(url=["https://b.example/", None], bio=["at a.example/x or www.b.example", "WWW.C.example now"]))
    assert frame["links"].to_list() == [["a.example/x", "b.example"], ["c.example"]]
    assert frame["address"].to_list() == [None, None]


def test_sightings_are_listed_once_each_and_in_order() -> None:
    rows = [
        ("a0", "link", "https://b.example", "profile"),
        ("a0", "link", "http://www.b.example/", "profile"),
        ("a0", "link", "a.example/x", None),
        ("a0", "link", "quoted.example/x", "message"),
        ("a0", "avatar", "p1", "message"),
        ("a0", "avatar_hash", "p0", None),
        ("a1", "email_hmac", "e", None),
        ("elsewhere", "email_hmac", "e", None),
    ]
    sightings = pl.DataFrame(rows, schema=["account_id", "kind", "value", "context"], orient="row")
    accounts = bare(url=["https://x.example/grim", None]).with_columns(native_id="account_id")
    frame = shown(accounts, sightings)
    assert frame["links"].to_list() == [["a.example/x", "b.example"], None]
    assert frame["avatars"].to_list() == [["p0", "p1"], None]
    assert frame["emails"].to_list() == [None, ["e"]]
    assert frame["address"].to_list() == ["x.example/grim", None]


def test_targets_are_those_of_all_reports() -> None:
    reports = pl.DataFrame(
        {"account_id": ["a0", "a0", None, "z"], "target_ids": [["t2", "t1"], ["t1"], ["t3"], ["t4"]]}
    )
    assert shown(bare(handle=["grim", "wald"]), reports=reports)["targets"].to_list() == [["t1", "t2"], None]
