"""Registries of candidates and office holders → which of the targets are theirs. Pure.

In: the tables ``targets``, ``contents``, ``reports``. Out: those rows of them that change, to be merged into a store.

A registry's own rows have the derivation ``registry``. Another target is the same person's if its account has the same
id or handle at the same place, or if it is known by name alone and the name is the same. Handles are compared as they
are, apart from case: one that only looks like a candidate's is somebody else's. What a registry gives to several people
(one name, a party's account) keeps all their ids, and so is nobody's in particular. Nothing depends on the order in
which registries and reports are read, and doing it again changes nothing.
"""

from __future__ import annotations

import polars as pl

from graphmatch.normalise import names
from graphmatch.tables import TEXTS, dtypes

REGISTRY, MENTION = "registry", "mention"
#: Ids of several people stand beside each other, with this between them.
BETWEEN = " "

#: Where an account is ``user@host``, whichever software the host runs.
_FEDIVERSE = ("mastodon", "pleroma", "misskey", "lemmy", "activitypub")
#: Where ``@handle`` in a post means the account of that handle, always, and a target's id is made of its handle, so
#: that nobody becomes two targets of one post. Exports there often list no mentions.
_AT_HANDLE = ("x", "telegram", "instagram", "threads", "tiktok")
#: What ends a handle there, though not elsewhere.
_ENDS = {"x": "[.-]", "telegram": "[.-]", "instagram": "-", "threads": "-", "tiktok": "-"}
#: A second ``@`` makes it the handle of another place, and so no mention here.
_MENTIONS = r"(?:^|[^\w!#$%&*@/=])@[\w.@-]{2,64}"


def registered(targets: pl.DataFrame) -> pl.DataFrame:
    """Find whom registries know among the ``targets``.

    Returns
    -------
    polars.DataFrame
        The rows that change, with ``registered_as`` and ``role``; their derivations stay as they are.
    """
    keyed = _keyed(targets)
    known = keyed.filter(_is_registry(), pl.col("registered_as").is_not_null())
    people = known.group_by("key").agg(
        pl.col("registered_as").str.split(BETWEEN).list.explode().unique().alias("people"),
        pl.col("role").max().alias("known_role"),
    )
    found = (
        keyed.join(people, on="key")
        .group_by("target_id")
        .agg(pl.col("people").list.explode().unique(), pl.col("known_role").max())
    )
    # A row's own people and role stay: what was known once is not forgotten.
    own = pl.col("registered_as").fill_null("").str.split(BETWEEN)
    everyone = pl.concat_list(own, "people").list.unique().list.drop_nulls().list.sort().list.join(BETWEEN)
    matched = targets.join(found, on="target_id").with_columns(
        everyone.str.strip_chars(BETWEEN).alias("as_now"), pl.max_horizontal("role", "known_role").alias("role_now")
    )
    changed = matched.filter(
        pl.col("as_now").ne_missing(pl.col("registered_as")) | pl.col("role_now").ne_missing(pl.col("role"))
    )
    return changed.with_columns(registered_as="as_now", role="role_now").select(dtypes("targets").keys())


def mentioned(targets: pl.DataFrame, contents: pl.DataFrame, reports: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Find the registered accounts that posts name by ``@handle``, on platforms where that is a mention.

    Returns
    -------
    dict of str to polars.DataFrame
        The rows of ``targets``, ``contents`` and ``reports`` that change: posts, and the reports that point at them,
        are aimed at whom they mention. A table without a change is left out.
    """
    theirs = _keyed(targets).filter(
        _is_registry(), pl.col("platform").is_in(_AT_HANDLE), pl.col("handle").is_not_null()
    )
    named = (
        _named(contents).join(theirs.select("key", "target_id").unique(), on="key").unique(["content_id", "target_id"])
    )
    aimed = named.group_by("content_id").agg(pl.col("target_id").alias("aimed"))
    pointing = (
        reports.select("report_id", content_id="content_ids")
        .explode("content_id", empty_as_null=True, keep_nulls=True)
        .join(named, on="content_id")
        .group_by("report_id")
        .agg(pl.col("target_id").unique().alias("aimed"))
    )
    rows = targets.join(named.select("target_id").unique(), on="target_id", how="semi")
    found = {
        "targets": _added(rows.with_columns(aimed=pl.lit([MENTION], dtype=TEXTS)), "derivations"),
        "contents": _added(contents.join(aimed, on="content_id"), "target_ids"),
        "reports": _added(reports.join(pointing, on="report_id"), "target_ids"),
    }
    return {table: each.select(dtypes(table).keys()) for table, each in found.items() if each.height}


def _is_registry() -> pl.Expr:
    return pl.col("derivations").list.contains(REGISTRY)


def _keyed(targets: pl.DataFrame) -> pl.DataFrame:
    """Give each target once for each way of naming it: its account by id and by handle, or its name."""
    parts = pl.col("target_id").str.splitn(":", 3)
    split = targets.filter(~_is_name()).with_columns(
        parts.struct.field("field_1").alias("instance"), parts.struct.field("field_2").alias("native")
    )
    accounts = pl.concat([split.with_columns(key=_key("native")), split.with_columns(key=_key("handle"))])
    by_name = targets.filter(_is_name()).with_columns(
        instance=pl.lit(None, pl.String), native=pl.lit(None, pl.String), key=_name_keys(targets)
    )
    return pl.concat([accounts, by_name]).drop_nulls("key").unique(["target_id", "key"])


def _is_name() -> pl.Expr:
    return pl.col("target_id").str.starts_with("name:")


def _name_keys(targets: pl.DataFrame) -> pl.Series:
    written = targets.filter(_is_name()).select(
        pl.coalesce("name", pl.col("target_id").str.strip_prefix("name:"))
    ).to_series()  # fmt: skip
    return pl.Series("key", [_name_key(name) for name in written], pl.String)


def _name_key(name: str) -> str | None:
    """Name a person by their words in any order, without titles; one word alone is nobody's name."""
    words = names.tokens(name)
    return f"name:{names.key(words)}" if len(set(words)) > 1 else None


def _key(column: str) -> pl.Expr:
    """Name an account by its place and what stands in ``column``, in one spelling."""
    written = pl.col(column).str.strip_prefix("@").str.to_lowercase()
    user, host = (written.str.splitn("@", 2).struct.field(field) for field in ("field_0", "field_1"))
    platform = pl.col("platform")
    elsewhere = pl.format("{}:{}:{}", platform, pl.col("instance").str.to_lowercase(), written)
    return (
        pl.when(platform.is_in(_FEDIVERSE))
        .then(pl.format("fediverse:{}:{}", pl.coalesce(host, pl.col("instance").str.to_lowercase()), user))
        # Facebook takes a name with dots and without for one.
        .when(platform == "facebook")
        .then(elsewhere.str.replace_all(".", "", literal=True))
        .otherwise(elsewhere)
    )


def _named(contents: pl.DataFrame) -> pl.DataFrame:
    """List what posts call ``@…``, as ``content_id`` and ``key``."""
    posts = contents.filter(pl.col("platform").is_in(_AT_HANDLE), pl.col("text").str.contains("@", literal=True))
    written = pl.col("handle").str.splitn("@", 2).struct.field("field_1").str.to_lowercase()
    handle = written
    for platform, ends in _ENDS.items():
        short = written.str.replace(f"{ends}.*$", "")
        handle = pl.when(pl.col("platform") == platform).then(short).otherwise(handle)
    return (
        posts.select("content_id", "platform", pl.col("text").str.extract_all(_MENTIONS).alias("handle"))
        .explode("handle", empty_as_null=True, keep_nulls=True)
        .drop_nulls("handle")
        .select("content_id", key=pl.format("{}:{}:{}", "platform", "platform", handle.str.strip_chars_end(".-")))
        .unique()
    )


def _added(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add ``aimed`` to the lists in ``column``, and keep the rows that this changes."""
    both = rows.with_columns(now=pl.concat_list(column, "aimed").list.unique().list.sort())
    return both.filter(pl.col("now").list.len() > pl.col(column).list.n_unique()).with_columns(
        pl.col("now").alias(column)
    )
