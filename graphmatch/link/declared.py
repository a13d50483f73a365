"""Who names whom: declared links and links to another's profile (directed), and what others claim.

In: traits, sightings, link claims. Out: directed pairs of row numbers, and from them a level per unordered pair. A
one-way declaration can be faked by an impersonator; a claim is an allegation, and many claims are still one.
"""

from __future__ import annotations

import polars as pl

from graphmatch.model import SignalKind
from graphmatch.normalise import fediverse, handles
from graphmatch.normalise.handle_columns import folded_and_stems
from graphmatch.standing import TWO_WAY

#: Sites whose profile addresses end in a handle: host and path before it → the platforms it may be.
PROFILE_HOSTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^(?:twitter|x)\.com/@?([^/]+)$", ("x", "twitter")),
    (r"^t\.me/(?:s/)?([^/]+)$", ("telegram",)),
    (r"^bsky\.app/profile/([^/]+)$", ("bluesky",)),
    (r"^(?:old\.)?reddit\.com/(?:u|user)/([^/]+)$", ("reddit",)),
    (r"^youtube\.com/(?:@|c/|user/)([^/]+)$", ("youtube",)),
    (r"^instagram\.com/([^/]+)$", ("instagram",)),
    (r"^facebook\.com/([^/]+)$", ("facebook",)),
    (r"^tiktok\.com/@([^/]+)$", ("tiktok",)),
    (r"^github\.com/([^/]+)$", ("github",)),
)
#: The first platform of each site.
_SITES = {platform: platforms[0] for _, platforms in PROFILE_HOSTS for platform in platforms}
#: A statement that fits more accounts than this names none of them.
MOST_NAMED = 3
NONE, CLAIM, ONE_WAY = 0, 1, 2  # and TWO_WAY
#: Servers of the fediverse name each other's accounts without knowing what runs there.
_FAMILY = dict.fromkeys(fediverse.MEMBERS, fediverse.FAMILY)
_SCHEMA = {"left": pl.UInt32, "right": pl.UInt32, "claim": pl.Boolean, "verified": pl.Boolean}


def directed(
    traits: pl.DataFrame, sightings: pl.DataFrame | None = None, claims: pl.DataFrame | None = None
) -> pl.DataFrame:
    """List who names whom: ``left`` names ``right`` (row numbers); ``claim``: somebody else says so; ``verified``."""
    rows = traits.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), "account_id", "population", "platform", "instance",
        "handle", "address", "links",
    )  # fmt: skip
    parts = [pl.DataFrame(schema=_SCHEMA), *_linked(rows)]
    if sightings is not None:
        parts += _sighted(rows, sightings)
    if claims is not None:
        parts.append(_claimed(rows, claims))
    found = pl.concat(parts).filter(pl.col("left") != pl.col("right"))
    return found.group_by("left", "right", "claim").agg(pl.col("verified").any()).sort("left", "right", "claim")


def levels(stated: pl.DataFrame) -> pl.DataFrame:
    """Give each unordered pair's level: claim, one way, two ways. A verified declaration counts as two."""
    ordered = stated.select(
        pl.min_horizontal("left", "right").alias("left"),
        pl.max_horizontal("left", "right").alias("right"),
        "claim",
        "verified",
    )
    by_pair = ordered.group_by("left", "right").agg(
        (~pl.col("claim")).sum().alias("ways"), pl.col("verified").any().alias("verified")
    )
    level = (
        pl.when((pl.col("ways") >= 2) | pl.col("verified")).then(TWO_WAY)
        .when(pl.col("ways") == 1).then(ONE_WAY)
        .otherwise(CLAIM)
    )  # fmt: skip
    return by_pair.select("left", "right", level.cast(pl.Int8).alias("level")).sort("left", "right")


def _linked(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Links to another's own address, and links to a profile on a known site."""
    links = rows.select("row", "population", pl.col("links").alias("link")).drop_nulls("link").explode("link")
    distinct = links["link"].unique()
    # Few links name anybody: the others are left out before anything is joined.
    addresses = rows.select("row", "population", pl.col("address").alias("link"))
    addresses = addresses.filter(pl.col("link").is_in(distinct.implode()))
    profiles = profiles_in(distinct)
    there = rows.select(
        "row", "population", pl.col("platform").replace_strict(_SITES, default=None).alias("site"), "handle"
    )
    there = there.filter(pl.col("site").is_not_null() & pl.col("handle").is_in(profiles["handle"].unique().implode()))
    to_address = links.filter(pl.col("link").is_in(addresses["link"].unique().implode()))
    return [
        _pairs(to_address, addresses, ["population", "link"]),
        _pairs(links.join(profiles, on="link"), there, ["population", "site", "handle"]),
    ]


def profiles_in(links: pl.Series) -> pl.DataFrame:
    """Read the links that are to profiles: ``link``, ``site`` (the first of its platforms), ``handle`` as folded."""
    known = links.filter(links.str.contains("|".join(pattern for pattern, _ in PROFILE_HOSTS)))
    parts = [pl.DataFrame(schema=dict.fromkeys(("link", "spelled", "site"), pl.String))]
    for pattern, platforms in PROFILE_HOSTS:
        found = pl.DataFrame([known.alias("link"), known.str.extract(pattern).alias("spelled")]).drop_nulls("spelled")
        parts.append(found.with_columns(pl.lit(platforms[0]).alias("site")))
    named = pl.concat(parts)
    # The colons of a DID are separators like others; without them it is as plain as most handles.
    spelled = named["spelled"].str.replace("^did:([a-z]+):", "did_${1}_")
    handle, _ = folded_and_stems(spelled, named["site"])
    return named.select("link", "site", handle.alias("handle"))


def _sighted(rows: pl.DataFrame, sightings: pl.DataFrame) -> list[pl.DataFrame]:
    known = sightings.filter(pl.col("kind") == SignalKind.DECLARED.value).join(
        rows.select("account_id", "row", "population"), on="account_id"
    )
    if not known.height:
        return []
    known = known.with_columns(
        pl.col("value").str.splitn(":", 3).struct.rename_fields(["platform", "instance", "spelled"]).struct.unnest(),
        (pl.col("context") == "verified").fill_null(value=False).alias("verified"),
    )
    by_id = _pairs(known, rows.rename({"account_id": "value"}), ["population", "value"])
    known = known.drop_nulls("spelled")
    spelled = known.select(pl.concat_str("platform", pl.lit("\n"), "spelled"))["platform"]
    known = known.with_columns(_folded_each(spelled).alias("handle"))
    parts = [by_id]
    for blank in (True, False):
        # Without an instance it fits any; with one, that instance and accounts of which none is known.
        side = known.filter((pl.col("instance").fill_null("") == "") == blank)
        there = rows.drop_nulls("handle")
        if not blank:
            side, there = (part.with_columns(pl.col("platform").replace(_FAMILY)) for part in (side, there))
        joined = side.join(there, on=["population", "platform", "handle"], suffix="_other")
        if not blank:
            joined = joined.filter((pl.col("instance") == pl.col("instance_other")) | (pl.col("instance_other") == ""))
        parts.append(_few(joined))
    return parts


def _claimed(rows: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    made = claims.select("account_id", "claimed_handle", "claimed_platform").join(
        rows.select("account_id", "row", "population", pl.col("platform").alias("own")), on="account_id"
    )
    # The claim rarely says on which platform its handle was spelled; a Bluesky name may come with its domain.
    spelled = made.select(pl.concat_str(pl.col("claimed_platform").fill_null(""), pl.lit("\n"), "claimed_handle"))
    made = made.with_columns(_folded_each(spelled.to_series()).alias("handle"), pl.lit(value=False).alias("verified"))
    joined = made.join(rows.drop_nulls("handle"), on=["population", "handle"], suffix="_other").filter(
        pl.col("claimed_platform").is_null() | (pl.col("claimed_platform") == pl.col("platform"))
    )
    return _few(joined, most=50).with_columns(pl.lit(value=True).alias("claim"))


def _pairs(mine: pl.DataFrame, theirs: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Join who names with who is named, but for those that are named alike and too many."""
    theirs = theirs.filter(pl.len().over(by) <= MOST_NAMED)
    return _few(mine.join(theirs.select("row", *by), on=by, suffix="_other"))


def _few(joined: pl.DataFrame, most: int = MOST_NAMED) -> pl.DataFrame:
    """Keep statements that fit few accounts, as directed pairs."""
    verified = pl.col("verified") if "verified" in joined.columns else pl.lit(value=False)
    what = [name for name in ("row", "value", "link", "handle") if name in joined.columns]
    # Said a hundred times it is said once.
    joined = joined.with_columns(verified.alias("verified")).sort("verified", descending=True)
    joined = joined.unique([*what, "row_other"], keep="first", maintain_order=True)
    kept = joined.filter(pl.len().over(what) <= most)
    return kept.select(
        pl.col("row").alias("left"),
        pl.col("row_other").alias("right"),
        pl.lit(value=False).alias("claim"),
        "verified",
    )


def _folded_each(spelled: pl.Series) -> pl.Series:
    pairs = [value.partition("\n") for value in spelled]
    return pl.Series(
        [handles.squash(handles.fold(handle, platform or None)) for platform, _, handle in pairs], dtype=pl.String
    )
