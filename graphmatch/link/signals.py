"""What hangs on an account: the links, contacts, pictures and targets of each, as sorted lists.

In: accounts by ``account_id``, sightings, reports. Out: columns beside the accounts; null means *not observed*.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from graphmatch.link.hashed import hashed, looked_up
from graphmatch.model import SignalKind
from graphmatch.normalise.columns import apart, each
from graphmatch.tables import TEXTS

_URL = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>\"'()]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}/[^\s<>\"'()]*")
#: Addresses without anything that is read otherwise in another script.
_PLAIN_LINK = r"^(?i:https?)://[!-~]+$"
#: Without these a text holds no address.
_SIGN_OF_LINK = r"(?i)/|www\."
#: Columns that hold several values per account, and the sightings that fill them.
SETS: dict[str, tuple[SignalKind, ...]] = {
    "links": (SignalKind.LINK,),
    "emails": (SignalKind.EMAIL_HMAC,),
    "phones": (SignalKind.PHONE_HMAC,),
    "devices": (SignalKind.DEVICE_HMAC,),
    "networks": (SignalKind.IP_HMAC,),
    "avatars": (SignalKind.AVATAR_HASH, SignalKind.AVATAR),
}
_KINDS = {kind.value: trait for trait, kinds in SETS.items() for kind in kinds}


def canonical_link(url: str) -> str | None:
    """Write a URL without scheme, ``www.``, query and closing slash; ``None`` if nothing is left."""
    bare = re.sub(r"(?i)^[a-z][a-z0-9+.-]*://", "", url.strip())
    bare = re.split(r"[?#]", bare, maxsplit=1)[0].rstrip("/.,;:!")
    host, slash, path = bare.partition("/")
    host = re.sub(r"^(www|m|mobile)\.", "", host.lower())
    return f"{host}{slash}{path.lower()}" if "." in host else None


def canonical_links(urls: pl.Series) -> pl.Series:
    """Give `canonical_link` of each address; null stays null."""
    return apart(urls, urls.str.contains(_PLAIN_LINK), _of_plain, canonical_link)


def _of_plain(urls: pl.Series) -> pl.Series:
    text = pl.col("url")
    bare = text.str.to_lowercase().str.strip_prefix("http").str.strip_prefix("s").str.strip_prefix("://")
    bare = bare.str.replace("[?#].*$", "").str.strip_chars_end("/.,;:!")
    short = pl.coalesce(pl.when(text.str.starts_with(host)).then(text.str.strip_prefix(host)) for host in _MOBILE)
    made = urls.to_frame("url").select(bare).select(pl.coalesce(short, text))
    return made.select(pl.when(text.str.contains(r"^[^/]*\.")).then(text)).to_series()


_MOBILE = ("www.", "m.", "mobile.")


def links_in(text: str) -> list[str]:
    """List the canonical URLs that a text holds."""
    found = (canonical_link(match) for match in _URL.findall(text))
    return sorted({link for link in found if link})


def with_sets(base: pl.DataFrame, sightings: pl.DataFrame | None, *, whole: bool) -> pl.DataFrame:
    """Add ``address`` and the columns of `SETS`.

    Parameters
    ----------
    base
        ``account_id``, sorted, with ``url``, ``bio`` and ``avatar_url`` as they were given.
    sightings
        Table ``sightings``; without it links come from ``bio`` and pictures from ``avatar_url``.
    whole
        Whether this is the full table: there ``url`` is the account's own address; in a bare list it is a link.
    """
    base = base.with_columns(canonical_links(base["url"]).alias("link"), row=pl.int_range(pl.len(), dtype=pl.UInt32))
    address = pl.col("link") if whole else pl.lit(None, dtype=pl.String)
    base = base.with_columns(address.alias("address"))
    parts = _shown_alone(base) if sightings is None else _sighted(base, sightings)
    if not whole:
        parts.append(base.select("row", pl.lit("links").alias("trait"), pl.col("link").alias("value")))
    seen = pl.concat(parts).drop_nulls("value")
    for trait in SETS:
        base = _with_lists(base, seen.filter(pl.col("trait") == trait).select("row", "value"), trait)
    return base.drop("row", "link")


def with_targets(base: pl.DataFrame, reports: pl.DataFrame | None) -> pl.DataFrame:
    """Add ``targets``: who the reports of an account say that its abuse was aimed at."""
    base = base.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
    aimed = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String})
    if reports is not None:
        about = reports.select("account_id", pl.col("target_ids").alias("value"))
        about = about.explode("value", keep_nulls=False, empty_as_null=False)
        aimed = about.join(base.select("account_id", "row"), on="account_id").select("row", "value")
    return _with_lists(base, aimed, "targets").drop("row")


def _shown_alone(base: pl.DataFrame) -> list[pl.DataFrame]:
    linked = base.filter(pl.col("bio").str.contains(_SIGN_OF_LINK))
    texts = linked.select("row", pl.lit("links").alias("trait"), each(linked["bio"], links_in, TEXTS).alias("value"))
    pictures = base.select("row", pl.lit("avatars").alias("trait"), pl.col("avatar_url").alias("value"))
    return [texts.explode("value", keep_nulls=False, empty_as_null=False), pictures]


def _sighted(base: pl.DataFrame, sightings: pl.DataFrame) -> list[pl.DataFrame]:
    known = sightings.filter(pl.col("kind").is_in(list(_KINDS)) & ~_only_posted(sightings))
    rows = looked_up(hashed(known, "account_id"), hashed(base, "account_id"), np.arange(1, base.height + 1))
    known = known.select("kind", "value", row=pl.Series(rows, dtype=pl.UInt32)).filter(pl.col("row") > 0)
    known = known.with_columns(pl.col("row") - 1)
    link = pl.col("kind") == SignalKind.LINK.value
    trait = pl.col("kind").replace_strict(_KINDS, return_dtype=pl.String).alias("trait")
    linked = known.filter(link)
    canonical = canonical_links(linked["value"]).fill_null(linked["value"])
    return [
        linked.select("row", trait, canonical.alias("value")),
        known.filter(~link).select("row", trait, "value"),
    ]


def _only_posted(sightings: pl.DataFrame) -> pl.Expr:
    """Tell links that stand in a message: strangers who quarrel post the same ones, and a critic quotes them."""
    if "context" not in sightings.columns:
        return pl.lit(value=False)
    return (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") == "message").fill_null(value=False)


def _with_lists(base: pl.DataFrame, held: pl.DataFrame, trait: str) -> pl.DataFrame:
    """Add the values that rows hold, each once, as sorted lists; null where a row holds none."""
    several = held["row"].is_duplicated()
    # Few accounts have more than one value, and sorting is what costs.
    one = held.filter(~several).select("row", pl.concat_list("value").alias(trait))
    more = held.filter(several).unique().sort("row", "value")
    lists = more.group_by("row", maintain_order=True).agg(pl.col("value").alias(trait))
    return base.join(pl.concat([one, lists]), on="row", how="left", maintain_order="left")
