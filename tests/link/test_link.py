"""The whole linker, on invented people."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_worlds import World

from graphmatch import tables
from graphmatch.errors import RejectedTable
from graphmatch.frames import frame as table_of
from graphmatch.link import default, link, stand, weighing
from graphmatch.link.laying import laid_out
from graphmatch.link.pairing import prepare
from graphmatch.link.situation import Situation
from graphmatch.model import COMPARISONS, Family, Gate, Report, SourceKind, Specificity, Target

PEOPLE = [
    ("grimwald_77", "Grim Wald"), ("moorlandpete", "Moorland Pete"), ("nan_of_the_moor", "Northmoor Nan"),
    ("volunteer_ed", "Ed Holm"), ("hal_peverell", "Hal Peverell"), ("lain_r", "Lain Roake"), ("qzx_tarn", "Tarn Quill"),
    ("delamere88", "Rhys Delamere"), ("okaforb", "Bryony Okafor"), ("fenwick.t", "Tess Fenwick"),
]  # fmt: skip


def population(*more: dict[str, object]) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for number, (handle, name) in enumerate(PEOPLE):
        rows.append({"account_id": f"x:x:{number}", "platform": "x", "handle": handle, "display_name": name})
        rows.append({"account_id": f"reddit:reddit:{number}", "platform": "reddit", "handle": f"{handle.title()}_"})
    return pl.DataFrame([*rows, *more], infer_schema_length=None)


def probability(matches: pl.DataFrame, one: str, two: str) -> float:
    left, right = sorted((one, two))
    found = matches.filter((pl.col("left") == left) & (pl.col("right") == right))
    return float(found["match_probability"][0]) if found.height else 0.0


def sightings(*rows: tuple[str, str, str], context: str = "profile") -> pl.DataFrame:
    made = [
        {"account_id": account, "kind": kind, "value": value, "source": "s", "context": context}
        for account, kind, value in rows
    ]
    schema = dict.fromkeys(("account_id", "kind", "value", "source", "context"), pl.String)
    return pl.DataFrame(made, schema=schema)


def claim(account: str, handle: str, platform: str | None = None, number: int = 1) -> dict[str, object]:
    return {"claim_id": str(number), "account_id": account, "claimed_handle": handle, "claimed_platform": platform}


def test_same_handles_match_and_others_do_not() -> None:
    result = link(population())
    tables.require("matches", result.matches)
    true = {(f"reddit:reddit:{n}", f"x:x:{n}") for n in range(len(PEOPLE))}
    found = result.matches.filter(pl.col("match_probability") >= 0.5)
    assert set(found.select("left", "right").iter_rows()) == true
    assert set(found["standing"]) == {"suggested"}
    assert result.candidates >= len(true)


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=4)
def test_order_of_rows_changes_nothing(random: object) -> None:
    accounts = population()
    shuffled = accounts[random.sample(range(accounts.height), accounts.height)]  # type: ignore[attr-defined]
    assert link(accounts).matches.equals(link(shuffled).matches)


def test_the_parts_add_up_to_the_weight() -> None:
    matches = link(population(), min_probability=0.0).matches
    parts = [
        "prior_bits",
        *(f"{name}_bits" for name in COMPARISONS),
        *(f"{f}_discount_bits" for f in Family),
        "imitation_bits",
    ]
    total = matches.select(pl.sum_horizontal(parts)).to_series()
    assert (total - matches["match_weight"]).abs().max() < 1e-9
    odds = 1 / (1 + pl.lit(2.0).pow(-pl.col("match_weight")))
    assert matches.select((odds - pl.col("match_probability")).abs().max()).item() < 1e-12


@given(st.floats(1e-6, 0.2))
@settings(deadline=None, max_examples=5)
def test_a_prior_moves_every_weight_by_its_own_log_odds(prior: float) -> None:
    accounts, model = population(), default()
    shifted = model.with_prior(prior)
    one = link(accounts, model=model, min_probability=0.0).matches
    two = link(accounts, model=shifted, min_probability=0.0).matches
    moved = two["match_weight"] - one["match_weight"]
    assert (moved - (shifted.prior_bits - model.prior_bits)).abs().max() < 1e-9


def test_a_given_model_is_used_as_it_is() -> None:
    model = default()
    assert link(population(), model=model).model is model
    assert link(population()).model.counts["accounts"] == 2 * len(PEOPLE)


def test_populations_do_not_meet() -> None:
    both = population().with_columns(dataset=pl.col("platform"))
    assert link(both).matches.height == 0


def test_same_platform_pairs_only_if_asked() -> None:
    accounts = population(
        {"account_id": "x:x:new", "platform": "x", "handle": "grimwald_78", "display_name": "Grim Wald"}
    )
    assert probability(link(accounts).matches, "x:x:0", "x:x:new") > 0.5
    assert probability(link(accounts, same_platform=False).matches, "x:x:0", "x:x:new") == 0.0


def test_a_shared_mailbox_corroborates_a_name() -> None:
    accounts = population({"account_id": "forum:f:1", "platform": "forum", "handle": "zzz_unlike"})
    seen = sightings(
        ("x:x:0", "email_hmac", "aa"), ("reddit:reddit:0", "email_hmac", "aa"), ("forum:f:1", "email_hmac", "aa")
    )
    matches = link(accounts, sightings=seen).matches
    both = matches.filter((pl.col("left") == "reddit:reddit:0") & (pl.col("right") == "x:x:0"))
    assert both["standing"].to_list() == ["corroborated"]
    assert both["families"].to_list() == [["contact", "naming"]]
    assert probability(matches, "forum:f:1", "x:x:0") > 0.5


def test_a_shared_address_alone_is_a_shared_machine() -> None:
    accounts = population({"account_id": "forum:f:1", "platform": "forum", "handle": "zzz_unlike"})
    seen = sightings(("x:x:0", "ip_hmac", "aa"), ("forum:f:1", "ip_hmac", "aa"))
    matches = link(accounts, sightings=seen, min_probability=0.0).matches
    pair = matches.filter((pl.col("left") == "forum:f:1") & (pl.col("right") == "x:x:0"))
    assert pair["story"].to_list() == ["shared_machine"]
    assert pair["match_probability"][0] < 0.5


def test_claims_alone_never_reach_one_half_however_many() -> None:
    accounts = population({"account_id": "forum:f:1", "platform": "forum", "handle": "zzz_unlike"})
    claims = pl.DataFrame([claim("forum:f:1", "grimwald_77", number=n) for n in range(50)], infer_schema_length=None)
    one = link(accounts, claims=claims[:1], min_probability=0.0).matches
    many = link(accounts, claims=claims, min_probability=0.0).matches
    assert 0.0 < probability(one, "forum:f:1", "x:x:0") < 0.5
    assert one.equals(many)
    tiny = link(accounts[[0, 20]], claims=claims, min_probability=0.0).matches
    assert 0.0 < probability(tiny, "forum:f:1", "x:x:0") < 0.5


def test_one_way_weighs_less_than_two_ways() -> None:
    accounts = population({"account_id": "forum:f:1", "platform": "forum", "handle": "zzz_unlike"})
    there, back = ("forum:f:1", "declared", "x:x:grimwald_77"), ("x:x:0", "declared", "forum:f:zzz_unlike")
    one = link(accounts, sightings=sightings(there), min_probability=0.0).matches
    two = link(accounts, sightings=sightings(there, back), min_probability=0.0).matches
    verified = link(accounts, sightings=sightings(there, context="verified"), min_probability=0.0).matches
    p_one, p_two = (probability(matches, "forum:f:1", "x:x:0") for matches in (one, two))
    assert p_one < p_two
    assert p_two > 0.9
    assert probability(verified, "forum:f:1", "x:x:0") > 0.9


def test_an_account_of_the_fediverse_is_named_whatever_runs_there() -> None:
    there = {
        "platform": "misskey",
        "instance": "m.example",
        "handle": "zzz_unlike",
        "account_id": "misskey:m.example:a1",
    }
    accounts = population(there).with_columns(pl.col("instance").fill_null("x"))
    named, elsewhere = (
        link(
            accounts,
            sightings=sightings(("x:x:0", "declared", f"mastodon:{host}:zzz_unlike"), context="verified"),
            min_probability=0.0,
        ).matches
        for host in ("m.example", "n.example")
    )
    assert probability(named, "misskey:m.example:a1", "x:x:0") > 0.9
    assert probability(elsewhere, "misskey:m.example:a1", "x:x:0") < 0.1


def targets() -> pl.DataFrame:
    row = {"target_id": "mastodon:m:ashaverma", "platform": "mastodon", "handle": "ashaverma", "name": "Asha Verma"}
    return pl.DataFrame([row])


def test_a_copy_of_a_target_is_impersonation_and_never_a_match() -> None:
    asha = {"account_id": "mastodon:m:1", "platform": "mastodon", "handle": "ashaverma", "display_name": "Asha Verma"}
    copy = {
        "account_id": "bluesky:b:1",
        "platform": "bluesky",
        "handle": "asha-verrna.test",
        "display_name": "Asha Verma",
    }
    matches = link(population(asha, copy), targets=targets()).matches
    pair = matches.filter((pl.col("left") == "bluesky:b:1") & (pl.col("right") == "mastodon:m:1"))
    assert pair["story"].to_list() == ["impersonation"]
    assert pair["standing"].to_list() == ["suggested"]
    assert pair["match_probability"][0] < 0.5


def test_a_firm_of_that_name_is_not_the_operator() -> None:
    firm = {
        "account_id": "bluesky:b:1",
        "platform": "bluesky",
        "handle": "grimwaldbrewing.test",
        "display_name": "Grimwald Brewing Co",
    }
    matches = link(population(firm)).matches
    assert probability(matches, "bluesky:b:1", "x:x:0") < 0.5
    assert probability(matches, "bluesky:b:1", "reddit:reddit:0") < 0.5


def test_how_often_something_was_reported_changes_nothing() -> None:
    row = {
        "account_id": "x:x:0",
        "category_reported": "abuse",
        "category_assessed": None,
        "target_ids": ["t"],
        "count": 1,
    }
    other = dict(row, account_id="reddit:reddit:1")
    schema = {"category_assessed": pl.String}
    once = pl.DataFrame([row, other], schema_overrides=schema)
    often = pl.DataFrame([row, other] * 40, schema_overrides=schema).with_columns(count=pl.lit(1000))
    assert link(population(), reports=once).matches.equals(link(population(), reports=often).matches)


def test_fifty_rivals_make_a_handle_worth_little() -> None:
    many = [
        {"account_id": f"x:{n}:9{n}", "platform": "x", "instance": str(n), "handle": "john_smith"} for n in range(40)
    ]
    one = {"account_id": "reddit:reddit:99", "platform": "reddit", "instance": "", "handle": "john_smith"}
    matches = link(pl.DataFrame([*many, one], infer_schema_length=None), min_probability=0.0).matches
    mine = matches.filter((pl.col("left") == "reddit:reddit:99") | (pl.col("right") == "reddit:reddit:99"))
    assert mine.height == 40
    assert mine["match_probability"].max() < 0.5


@pytest.mark.parametrize(
    "accounts",
    [
        population().drop("display_name"),
        population(*[{"account_id": f"odd:{n}", "platform": "odd", "handle": text, "display_name": text}
                     for n, text in enumerate(["", "x" * 500, "محمد علي", "🌾🌾", "   ", "\u200b", "."])]),
        population()[:1],
        population()[:0],
        pl.DataFrame({"account_id": ["a", "b"], "platform": ["x", "y"]}),
    ],
)  # fmt: skip
def test_poor_input_is_linked_all_the_same(accounts: pl.DataFrame) -> None:
    tables.require("matches", link(accounts, min_probability=0.0).matches)


def test_an_account_stands_once() -> None:
    with pytest.raises(RejectedTable, match="account_id"):
        link(pl.concat([population(), population()[:1]]))
    with pytest.raises(RejectedTable, match="platform"):
        link(population().drop("platform"))


def test_the_full_accounts_table_is_read_too() -> None:
    bare = population().with_columns(instance=pl.lit("i"), native_id=pl.col("account_id"), id_kind=pl.lit("numeric"))
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in tables.dtypes("accounts").items()
        if name not in bare.columns
    ]
    full = tables.require("accounts", bare.with_columns(missing).select(tables.dtypes("accounts").keys()))
    assert link(full).matches.filter(pl.col("match_probability") >= 0.5).height == len(PEOPLE)


def test_a_link_that_is_only_posted_ties_nobody() -> None:
    """Who quotes an abuser posts the same address: only one that stands on both profiles says something."""
    shared = [("x:x:0", "link", "no-quarter.example/page"), ("reddit:reddit:5", "link", "no-quarter.example/page")]
    assert probability(link(population(), sightings=sightings(*shared)).matches, "x:x:0", "reddit:reddit:5") > 0
    posted = link(population(), sightings=sightings(*shared, context="message"))
    assert probability(posted.matches, "x:x:0", "reddit:reddit:5") == 0.0


@pytest.mark.parametrize(
    ("derivations", "registered_as", "story"),
    [
        (("mention", "reply_parent"), None, "same_operator"),
        (("intake", "mention"), None, "impersonation"),
        (("mention",), "democracy_club:900001", "impersonation"),
    ],
)
def test_who_is_reported_is_no_target_for_having_been_answered(
    derivations: tuple[str, ...], registered_as: str | None, story: str
) -> None:
    """Two abusers who answer each other stay abusers; a candidate whom a mob reports stays a candidate."""
    target = Target("x:x:grimwald_77", "x", "grimwald_77", registered_as=registered_as, derivations=derivations)
    report = Report(
        "r1", "s", SourceKind.REPORT, "x", "x:x:0", None, "abuse.insult", Specificity.EXACT, Gate.TERMS
    )  # fmt: skip
    made = {"targets": table_of("targets", [target]), "reports": table_of("reports", [report])}
    matches = link(population(), **made).matches
    pair = matches.filter((pl.col("left") == "reddit:reddit:0") & (pl.col("right") == "x:x:0"))
    assert pair["story"].to_list() == [story]


@given(st.integers(0, 500), st.sampled_from([0.0, 0.01, 0.3, 1.0]))
@settings(deadline=None, max_examples=12)
def test_what_is_remembered_of_pairs_is_what_comparing_them_again_gives(seed: int, least: float) -> None:
    world = World(seed, 40)
    model = default().unlabelled()
    ready = prepare(world.accounts(), world.sightings())
    pairs = ready.candidates(nearest=False).candidates
    spread = ready.census.pairs_per_account(same_platform=True)
    about = Situation.of(ready.traits, spread, stand.marked(ready.traits, None, None))
    evidence, remembered = weighing.weigh_remembering(ready, pairs, about, model, least)
    found = weighing.weights(pairs, evidence, about, model)
    again = laid_out(ready, pairs, about, evidence, found, model, least)
    assert laid_out(ready, pairs, about, evidence, found, model, least, remembered=remembered).equals(again)
    assert again.equals(again.sort("left", "right"))
    if least:
        assert remembered.places.size < pairs.height
