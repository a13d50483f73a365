"""Accounts and sightings → one row of comparable traits per account.

In: the accounts table (or just some of its columns) and what hangs on it. Out: a frame sorted by ``account_id``, whose
row number stands for the account in every later step. Null and empty lists mean *not observed*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link.surprisal import CharacterModel
from graphmatch.model import SignalKind
from graphmatch.normalise import handles, names
from graphmatch.tables import TEXTS, TIME

_URL = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"'()]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}/[^\s<>\"'()]*")
_WORD = re.compile(r"[^\W_]+")
#: A longer text adds nothing to a comparison and costs time.
MAX_TEXT = 600
TEXT_COLUMNS = ("handle", "display_name", "bio", "url", "location", "avatar_url")
#: How many accounts the spelling of a value counts as, against how often the population has it.
SPELLING_WEIGHT = 300.0
#: Words of other lengths are not looked for inside handles.
WORD_LENGTHS = (3, 12)
#: Columns that hold several values per account, and the sightings that fill them.
SETS: dict[str, tuple[SignalKind, ...]] = {
    "links": (SignalKind.LINK,),
    "emails": (SignalKind.EMAIL_HMAC,),
    "phones": (SignalKind.PHONE_HMAC,),
    "devices": (SignalKind.DEVICE_HMAC,),
    "networks": (SignalKind.IP_HMAC,),
    "avatars": (SignalKind.AVATAR_HASH, SignalKind.AVATAR),
}


def traits(
    accounts: pl.DataFrame, sightings: pl.DataFrame | None = None, reports: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Work out what can be compared.

    Returns
    -------
    polars.DataFrame
        One row per account, sorted by ``account_id``: ``population, platform, instance, handle, stem, skeleton,
        handle_bits, name, words, full_forms, short_forms, name_bits, bio, location, address, targets`` and the columns
        of `SETS`; ``<trait>_count`` is how many accounts of that platform and population have the same value and
        ``platform_count`` how many there are.

    Raises
    ------
    RejectedTable
        ``account_id`` or ``platform`` is missing or null, or an ``account_id`` stands twice.
    """
    base = _base(accounts)
    base = _named(base)
    base = _with_sets(base, accounts, sightings)
    base = base.with_columns(
        _mapped(base["bio"], _text, pl.String).alias("bio"),
        _mapped(base["location"], _text, pl.String).alias("location"),
    )
    base = _with_targets(base, reports).with_columns(pl.lit(value=False).alias("names_others"))
    return _counted(base)


def _base(accounts: pl.DataFrame) -> pl.DataFrame:
    for name in ("account_id", "platform"):
        if name not in accounts.columns:
            raise RejectedTable(f"table 'accounts' lacks the column {name!r}")
        if accounts[name].null_count():
            raise RejectedTable(f"table 'accounts': {name!r} is null in {accounts[name].null_count()} rows")
    repeated = accounts.height - accounts["account_id"].n_unique()
    if repeated:
        raise RejectedTable(f"table 'accounts': {repeated} rows repeat an 'account_id'; each may stand once")
    population = pl.col("dataset") if "dataset" in accounts.columns else pl.lit("")
    instance = pl.col("instance") if "instance" in accounts.columns else pl.lit("")
    return accounts.select(
        pl.col("account_id").cast(pl.String),
        pl.col("platform").cast(pl.String),
        population.cast(pl.String).fill_null("").alias("population"),
        instance.cast(pl.String).fill_null("").alias("instance"),
        *[_column(accounts, name) for name in TEXT_COLUMNS],
        *[_moment(accounts, name) for name in ("created_at", "last_active")],
    ).sort("account_id")


def _column(accounts: pl.DataFrame, name: str) -> pl.Expr:
    if name not in accounts.columns:
        return pl.lit(None, dtype=pl.String).alias(name)
    stripped = pl.col(name).cast(pl.String).str.strip_chars().str.slice(0, MAX_TEXT)
    return pl.when(stripped != "").then(stripped).alias(name)


def _moment(accounts: pl.DataFrame, name: str) -> pl.Expr:
    if name not in accounts.columns:
        return pl.lit(None, dtype=TIME).alias(name)
    if accounts[name].dtype == pl.String:
        # Exports of all kinds: the date is what every ISO 8601 form begins with, and enough to tell older from newer.
        return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(TIME).alias(name)
    return pl.col(name).cast(TIME).alias(name)


def _mapped(values: pl.Series, function: Callable[[str], object], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Apply ``function`` to each distinct value once."""
    distinct = values.drop_nulls().unique()
    known = pl.DataFrame(
        [distinct.alias("value"), pl.Series("made", [function(value) for value in distinct.to_list()], dtype=dtype)]
    )
    return values.to_frame("value").join(known, on="value", how="left", maintain_order="left")["made"]


def _named(base: pl.DataFrame) -> pl.DataFrame:
    spelled = base.select(pl.concat_str(pl.col("platform"), pl.lit("\n"), pl.col("handle")))["platform"]
    base = base.with_columns(
        _mapped(spelled, _folded, pl.String).alias("handle"),
        _mapped(spelled, _stemmed, pl.String).alias("stem"),
        _mapped(base["display_name"], lambda name: list(names.tokens(name)), TEXTS).alias("words"),
    )
    base = base.with_columns(
        pl.when(pl.col("words").list.len() > 0).then(pl.col("words")).alias("words"),
    ).with_columns(
        pl.col("words").list.unique().list.sort().list.join(" ").alias("name"),
    )
    ordered = base["words"].list.join(" ")
    base = base.with_columns(
        _mapped(base["stem"], handles.skeleton, pl.String).alias("skeleton"),
        # Of the words as written, accents and all: forms know more spellings of those.
        _mapped(base["display_name"], lambda name: names.full_forms(names.written(name)), TEXTS).alias("full_forms"),
        _mapped(base["display_name"], lambda name: names.short_forms(names.written(name)), TEXTS).alias("short_forms"),
        base["words"].list.join("").alias("joined"),
        (
            _mapped(ordered, lambda text: names.is_organisation(text.split(" ")), pl.Boolean).fill_null(value=False)
            | _mapped(base["stem"], lambda stem: names.is_organisation((), stem), pl.Boolean).fill_null(value=False)
        ).alias("organisation"),
    )
    model = CharacterModel.fit(pl.concat([base["handle"], base["joined"]]))
    return base.with_columns(
        model.score(base["handle"]).alias("handle_bits"),
        model.score(base["stem"]).alias("stem_bits"),
        model.score(base["joined"]).alias("name_bits"),
        _word_bits(base, model),
    )


def _word_bits(base: pl.DataFrame, model: CharacterModel) -> pl.Series:
    """Bits of each word of each name: how few other names and handles of the population hold it, over its spelling."""
    by = ["population", "word"]
    distinct = base.select("population", "name").drop_nulls().unique()
    word = distinct.select("population", pl.col("name").str.split(" ").alias("word")).explode("word")
    stems = base.select("population", "stem").drop_nulls().unique().with_row_index("row")
    held = (
        words_inside(stems, "stem", word.unique())
        .join(stems, on="row")
        .group_by("population", pl.col("key").alias("word"))
        .len("stems")
    )
    everyone = (
        distinct.group_by("population")
        .len("names")
        .join(stems.group_by("population").len("all_stems"), on="population", how="left")
    )
    known = word.group_by(by).len("holders").join(held, on=by, how="left").join(everyone, on="population")
    spelling = pl.Series("spelling", model.score(known["word"]), dtype=pl.Float64)
    known = known.with_columns(spelling).fill_null(0)
    # One name is the account's own; some two handles may be of the same operator.
    others = (pl.col("holders") - 1) + (pl.col("stems").cast(pl.Int64) - 2).clip(lower_bound=0)
    chance = others + SPELLING_WEIGHT * pl.lit(2.0).pow(-pl.col("spelling"))
    known = known.select(
        *by, (-(chance / (pl.col("names") + pl.col("all_stems") + SPELLING_WEIGHT)).log(2)).alias("bits")
    )
    named = base.select("account_id", "population", pl.col("words").alias("word")).drop_nulls("word").explode("word")
    lists = (
        named.join(known, on=by, how="left", maintain_order="left")
        .group_by("account_id", maintain_order=True)
        .agg("bits")
    )
    return (
        base.select("account_id")
        .join(lists, on="account_id", how="left", maintain_order="left")["bits"]
        .alias("word_bits")
    )


def substrings(rows: pl.DataFrame, trait: str, length: int) -> pl.DataFrame:
    """List every part of ``length`` characters of a trait: ``row, key``, each once."""
    long = rows.select("row", pl.col(trait).alias("text")).filter(pl.col("text").str.len_chars() >= length)
    spans = long.with_columns(
        pl.int_ranges(0, pl.col("text").str.len_chars().cast(pl.Int64) - length + 1).alias("at")
    ).explode("at")
    return spans.select("row", pl.col("text").str.slice(pl.col("at"), length).alias("key")).unique()


def words_inside(rows: pl.DataFrame, trait: str, words: pl.DataFrame) -> pl.DataFrame:
    """List which words (``population, word``) stand inside a trait of ``rows`` (``row, population``): ``row, key``."""
    low, high = WORD_LENGTHS
    words = words.select("population", pl.col("word").alias("key"))
    words = words.filter(pl.col("key").str.len_chars().is_between(low, high)).unique()
    place = rows.select("row", "population")
    found = [
        substrings(rows, trait, length).join(place, on="row").join(words, on=["population", "key"], how="semi")
        for length in range(low, high + 1)
    ]
    return pl.concat(found).select("row", "key")


def _folded(spelled: str) -> str:
    platform, _, handle = spelled.partition("\n")
    return handles.squash(handles.fold(handle, platform)) or handle


def _stemmed(spelled: str) -> str:
    platform, _, handle = spelled.partition("\n")
    return handles.stem(handle, platform) or handle


def _text(text: str) -> str | None:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words) or None


def canonical_link(url: str) -> str | None:
    """Write a URL without scheme, ``www.``, query and closing slash; ``None`` if nothing is left."""
    bare = re.sub(r"(?i)^[a-z][a-z0-9+.-]*://", "", url.strip())
    bare = re.split(r"[?#]", bare, maxsplit=1)[0].rstrip("/.,;:!")
    host, slash, path = bare.partition("/")
    host = re.sub(r"^(www|m|mobile)\.", "", host.lower())
    return f"{host}{slash}{path.lower()}" if "." in host else None


def links_in(text: str) -> list[str]:
    """List the canonical URLs that a text holds."""
    found = (canonical_link(match) for match in _URL.findall(text))
    return sorted({link for link in found if link})


def _only_posted(sightings: pl.DataFrame) -> pl.Expr:
    """Tell links that stand in a message: strangers who quarrel post the same ones, and a critic quotes them."""
    if "context" not in sightings.columns:
        return pl.lit(value=False)
    return (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") == "message").fill_null(value=False)


def _with_sets(base: pl.DataFrame, accounts: pl.DataFrame, sightings: pl.DataFrame | None) -> pl.DataFrame:
    # In the full table ``url`` is the account's own address; in a bare list of accounts it is a link on the profile.
    whole = "native_id" in accounts.columns
    link = _mapped(base["url"], canonical_link, pl.String)
    base = base.with_columns((link if whole else pl.Series([None] * base.height, dtype=pl.String)).alias("address"))
    own = base.select("account_id", pl.lit("links").alias("trait"), pl.Series("value", link)) if not whole else None
    if sightings is None:
        texts = base.select(
            "account_id", pl.lit("links").alias("trait"), _mapped(base["bio"], links_in, TEXTS).alias("value")
        )
        parts = [texts.explode("value", keep_nulls=False, empty_as_null=False)]
        parts.append(base.select("account_id", pl.lit("avatars").alias("trait"), pl.col("avatar_url").alias("value")))
    else:
        kinds = {kind.value: trait for trait, group in SETS.items() for kind in group}
        known = sightings.filter(pl.col("kind").is_in(list(kinds)) & ~_only_posted(sightings))
        canonical = _mapped(known["value"], lambda value: canonical_link(value) or value, pl.String)
        parts = [
            known.select(
                "account_id",
                pl.col("kind").replace_strict(kinds, return_dtype=pl.String).alias("trait"),
                pl.when(pl.col("kind") == SignalKind.LINK.value)
                .then(canonical)
                .otherwise(pl.col("value"))
                .alias("value"),
            )
        ]
    if own is not None:
        parts.append(own)
    seen = pl.concat(parts).drop_nulls("value").unique()
    for trait in SETS:
        lists = seen.filter(pl.col("trait") == trait).group_by("account_id").agg(pl.col("value").sort().alias(trait))
        base = base.join(lists, on="account_id", how="left", maintain_order="left")
    return base


def _with_targets(base: pl.DataFrame, reports: pl.DataFrame | None) -> pl.DataFrame:
    if reports is None:
        return base.with_columns(pl.lit(None, dtype=TEXTS).alias("targets"))
    aimed = reports.filter(pl.col("account_id").is_not_null()).select(
        "account_id", pl.col("target_ids").alias("targets")
    )
    aimed = (
        aimed.explode("targets", keep_nulls=False, empty_as_null=False)
        .unique()
        .group_by("account_id")
        .agg(pl.col("targets").sort())
    )
    return base.join(aimed, on="account_id", how="left", maintain_order="left")


def _counted(base: pl.DataFrame) -> pl.DataFrame:
    place = ["population", "platform"]
    counts = [
        pl.when(pl.col(trait).is_not_null()).then(pl.len().over(*place, trait)).cast(pl.UInt32).alias(f"{trait}_count")
        for trait in ("handle", "stem", "skeleton", "name", "bio", "location")
    ]
    return base.with_columns(
        *counts,
        pl.len().over(*place).cast(pl.UInt32).alias("platform_count"),
        pl.concat_str("platform", pl.lit(":"), "instance").alias("place"),
    )
