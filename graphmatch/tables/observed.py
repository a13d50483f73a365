"""What adapters fill. These tables only ever grow, by `graphmatch.merge`."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from graphmatch import model
from graphmatch.tables import columns as column


class Accounts(dy.Schema):
    """One account; each attribute stands beside the time at which it was last seen with a value."""

    account_id = column.key()
    platform = column.text(nullable=False)
    instance = column.text(nullable=False)
    native_id = column.text(nullable=False)
    id_kind = column.word(model.IdKind)
    handle = column.text()
    handle_at = column.time()
    display_name = column.text()
    display_name_at = column.time()
    bio = column.text()
    bio_at = column.time()
    url = column.text()
    url_at = column.time()
    location = column.text()
    location_at = column.time()
    avatar_url = column.text()
    avatar_url_at = column.time()
    state = column.word(model.AccountState, nullable=True)
    state_at = column.time()
    created_at = column.time()
    created_at_precision = column.word(model.Precision, nullable=True)
    last_active = column.time()
    first_observed_at = column.time()
    last_observed_at = column.time()


class Sightings(dy.Schema):
    """A signal seen on an account, in which source."""

    account_id = column.key()
    kind = dy.String(primary_key=True, check=column.one_of(model.SignalKind))
    value = column.key(model.LONGEST_VALUE)
    source = column.key()
    context = column.text(nullable=False)
    first_seen = column.time()
    last_seen = column.time()
    report_id = column.reference()
    withdrawn_at = column.time()


class Reports(dy.Schema):
    """One abuse report as received. ``count`` > 1 for aggregated flags, which have no reporter and no time."""

    report_id = column.key()
    source = column.text(nullable=False)
    source_kind = column.word(model.SourceKind)
    platform = column.text(nullable=False)
    account_id = column.reference()
    category_raw = column.text()
    category_reported = column.text(nullable=False)
    specificity = column.word(model.Specificity)
    gate = column.word(model.Gate)
    count = dy.Int64(nullable=False, min=1)
    category_assessed = column.text()
    reported_at = column.time()
    observed_at = column.time()
    reporter_ref = column.text()
    reporter_is_target = dy.Bool(nullable=True)
    reporter_upheld = dy.Int64(nullable=True, min=0)
    reporter_dismissed = dy.Int64(nullable=True, min=0)
    text = column.text()
    text_minhash = column.text()  # of the text, see `graphmatch.normalise.minhash`
    status = column.word(model.ReportStatus, nullable=True)
    status_at = column.time()
    status_raw = column.text()
    status_raw_at = column.time()
    content_ids = column.references()
    target_ids = column.references()


class Contents(dy.Schema):
    """What a report points at; text without contact values."""

    content_id = column.key()
    platform = column.text(nullable=False)
    account_id = column.reference()
    text = column.text()
    text_at = column.time()
    text_minhash = column.text()
    url = column.text()
    created_at = column.time()
    observed_at = column.time()
    target_ids = column.references()


class Targets(dy.Schema):
    """Who abuse is aimed at; never leaves the workspace."""

    target_id = column.key()
    platform = column.text()
    handle = column.text()
    name = column.text()
    role = column.text()
    registered_as = column.text()
    derivations = column.texts()
    observed_at = column.time()


class Enforcements(dy.Schema):
    """What a platform did, within ``[at_earliest, at_latest]``; both null when the time is unknown."""

    enforcement_id = column.key()
    platform = column.text(nullable=False)
    source = column.text(nullable=False)
    action = column.word(model.Action)
    action_raw = column.text(nullable=False)
    scope = column.word(model.Scope)
    account_id = column.reference()
    content_id = column.reference()
    scope_ref = column.text()
    at_earliest = column.time()
    at_latest = column.time()
    expires_at = column.time(plausible=False)  # "permanent" is often written as a date centuries ahead
    reason = column.text()
    policies = column.texts()
    by_ref = column.text()

    @dy.rule()
    def interval_in_order(cls) -> pl.Expr:  # noqa: N805
        """Hold that an interval ends no earlier than it begins."""
        return pl.col("at_earliest").is_null() | (pl.col("at_earliest") <= pl.col("at_latest"))


class LinkClaims(dy.Schema):
    """Somebody's statement that two accounts have one operator."""

    claim_id = column.key()
    account_id = column.reference(nullable=False)
    claimed_handle = column.text(nullable=False)
    quote = column.text(nullable=False)
    claimed_platform = column.text()
    report_id = column.reference()
    asserted_by = column.text(nullable=False)
    asserted_at = column.time()
    withdrawn_at = column.time()
