"""Standing and story of scored pairs: how well supported, and which rival explanation fits best (DESIGN §5)."""

from __future__ import annotations

import polars as pl

from graphmatch.model import COMPARISONS, Family, Standing, Story
from graphmatch.normalise import handles, names
from graphmatch.standing import corroborated
from graphmatch.tables import TEXTS

#: A family speaks for a match from so many bits on.
FAMILY_BITS = 1.0
IMPERSONATION = "deception.impersonation"
_FAMILIES = [family.value for family in Family]
#: What makes a target of anybody whom somebody answered; the others name the one aimed at.
WEAK_DERIVATIONS = ("mention", "reply_parent", "thread_owner", "archive")


def family_bits(family: Family) -> pl.Expr:
    """Add up a family: its comparisons and its discount."""
    bits = [pl.col(f"{name}_bits") for name, mine in COMPARISONS.items() if mine is family]
    return pl.sum_horizontal(*bits, pl.col(f"{family}_discount_bits"))


def families() -> pl.Expr:
    """List the families of at least `FAMILY_BITS`, in the order of `Family`."""
    # There are few combinations: each is listed once.
    combination = pl.sum_horizontal(
        (family_bits(family) >= FAMILY_BITS).cast(pl.UInt32) * (1 << place) for place, family in enumerate(Family)
    )
    listed = [[family for place, family in enumerate(_FAMILIES) if n >> place & 1] for n in range(1 << len(_FAMILIES))]
    return pl.lit(pl.Series(listed, dtype=TEXTS)).gather(combination).alias("families")


def standing() -> pl.Expr:
    """`corroborated` with two families, one of them not copyable; else `suggested`. Needs ``families``."""
    return (
        pl.when(corroborated())
        .then(pl.lit(Standing.CORROBORATED.value))
        .otherwise(pl.lit(Standing.SUGGESTED.value))
        .alias("standing")
    )


def story() -> pl.Expr:
    """Name the story. Needs ``families``, ``copies`` and ``match_probability``."""
    network_only = (
        (pl.col("network_bits") >= FAMILY_BITS)
        & (pl.col("contact_bits") < FAMILY_BITS)
        & (pl.col("families").list.len() == 1)
    )
    return (
        pl.when("copies").then(pl.lit(Story.IMPERSONATION.value))
        .when(network_only).then(pl.lit(Story.SHARED_MACHINE.value))
        .when(pl.col("match_probability") < 0.5).then(pl.lit(Story.COINCIDENCE.value))
        .otherwise(pl.lit(Story.SAME_OPERATOR.value))
        .alias("story")
    )  # fmt: skip


def marked(traits: pl.DataFrame, targets: pl.DataFrame | None, reports: pl.DataFrame | None) -> pl.DataFrame:
    """Mark accounts, one row each, in order.

    ``is_target`` (a target's own account), ``like_target`` (another that bears a target's name or handle),
    ``reported_copy`` (reported as an impersonation).
    """
    rows = traits.select("account_id", "platform", "handle", "skeleton", "name")
    false = pl.lit(value=False)
    own, like = false, false
    if targets is not None and targets.height:
        known = _targets(_not_accused(targets, rows, reports))
        keys = known.select(pl.concat_str("platform", pl.lit(":"), "handle")).to_series().drop_nulls()
        own = pl.concat_str("platform", pl.lit(":"), "handle").is_in(keys.implode()).fill_null(value=False)
        own |= pl.col("account_id").is_in(known["target_id"].implode())
        like = pl.col("name").is_in(known["name"].drop_nulls().implode()).fill_null(value=False)
        like |= pl.col("skeleton").is_in(known["skeleton"].drop_nulls().implode()).fill_null(value=False)
    copy = false
    if reports is not None:
        accused = reports.filter(
            (pl.col("category_reported") == IMPERSONATION)
            | (pl.col("category_assessed") == IMPERSONATION).fill_null(value=False)
        )
        copy = pl.col("account_id").is_in(accused["account_id"].drop_nulls().unique().implode())
    made = rows.select(own.alias("is_target"), like.alias("like_target"), copy.alias("reported_copy"), "account_id")
    return made.with_columns(pl.col("like_target") & ~pl.col("is_target"))


def _not_accused(targets: pl.DataFrame, rows: pl.DataFrame, reports: pl.DataFrame | None) -> pl.DataFrame:
    """Leave out who was only answered or mentioned, and is reported: abusers answer each other too.

    Whom a registry knows, or who was named as the one aimed at, stays a target however often they are reported.
    """
    if reports is None or not {"derivations", "registered_as"} <= set(targets.columns):
        return targets
    accused = rows.join(reports.select("account_id"), on="account_id", how="semi")
    theirs = accused.select(pl.concat_str("platform", pl.lit(":"), "handle")).to_series().drop_nulls()
    folded = [
        f"{platform}:{handles.squash(handles.fold(handle, platform))}" if platform and handle else None
        for platform, handle in targets.select("platform", "handle").iter_rows()
    ]
    named = pl.col("derivations").list.eval(pl.element().is_in(WEAK_DERIVATIONS).not_()).list.any()
    reported = pl.col("target_id").is_in(accused["account_id"].implode()) | pl.Series(folded).is_in(theirs.implode())
    known = pl.col("registered_as").is_not_null() & ~pl.col("derivations").list.contains("archive")
    return targets.filter(named.fill_null(value=False) | known | ~reported.fill_null(value=False))


def _targets(targets: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for target_id, platform, handle, name in targets.select("target_id", "platform", "handle", "name").iter_rows():
        words = names.tokens(name) if name else ()
        rows.append(
            {
                "target_id": target_id,
                "platform": platform,
                "handle": handles.squash(handles.fold(handle, platform)) if handle else None,
                "skeleton": handles.skeleton(handles.stem(handle, platform)) if handle else None,
                # One word is no name that only one person bears.
                "name": names.key(words) if len(set(words)) > 1 else None,
            }
        )
    return pl.DataFrame(rows, schema=dict.fromkeys(("target_id", "platform", "handle", "skeleton", "name"), pl.String))
