"""What a run works out; each is replaced whole. And the journal, read as a table."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from graphmatch import model
from graphmatch.tables import columns as column


class Candidates(dy.Schema):
    """A pair worth comparing, ``left`` < ``right``, with the blocking rules that proposed it."""

    left = column.key()
    right = column.key()
    rules = column.texts()

    @dy.rule()
    def left_before_right(cls) -> pl.Expr:  # noqa: N805
        """Hold that each pair stands once."""
        return pl.col("left") < pl.col("right")


def _match_schema() -> type[dy.Schema]:
    columns: dict[str, dy.Column] = {
        "left": column.key(),
        "right": column.key(),
        "match_weight": dy.Float64(nullable=False),
        "match_probability": column.probability(),
        "standing": column.word(model.Standing),
        "story": column.word(model.Story),
        "families": column.texts(),
        "rules": column.texts(),
        "prior_bits": dy.Float64(nullable=False),
    }
    for name in model.COMPARISONS:
        columns[f"{name}_level"] = dy.Int8(nullable=True)
        columns[f"{name}_bits"] = dy.Float64(nullable=False)
    for family in model.Family:
        columns[f"{family}_discount_bits"] = dy.Float64(nullable=False)
    columns["imitation_bits"] = dy.Float64(nullable=False)
    return type("Matches", (Candidates,), {"__doc__": "A scored pair.", **columns})


Matches = _match_schema()


class Actors(dy.Schema):
    """Two or more accounts *suspected* to have the same operator."""

    actor_id = column.key()
    account_ids = column.texts()
    platforms = column.texts()
    size = dy.Int64(nullable=False, min=2)
    match_probability = column.probability()  # of the weakest link that holds it together
    standing = column.word(model.Standing)


def _share() -> dy.Float64:
    """Make a column of shares; they were added up, and may be above 1 by rounding."""
    return dy.Float64(nullable=True, min=0.0, max=1.0 + 1e-6)


class Communities(dy.Schema):
    """Densely tied accounts and the actors among them; how far each layer holds them, and what chance would give.

    The shares of the layers add up to 1, and are null where nobody knows them. ``coincidence``, ``expected_density``
    and ``chance_q`` are null where chance was not asked. ``event`` and what follows it are since the run before.
    """

    community_id = column.key()
    account_ids = column.texts()
    actor_ids = column.texts()
    size = dy.Int64(nullable=False, min=2)
    density = dy.Float64(nullable=False, min=0.0)
    resolution = dy.Float64(nullable=False)
    target_share = _share()
    moment_share = _share()
    link_share = _share()
    text_share = _share()
    reply_share = _share()
    reporter_share = _share()
    coincidence = dy.Float64(nullable=True, min=0.0)
    expected_density = dy.Float64(nullable=True, min=0.0)
    chance_q = dy.Float64(nullable=True, min=0.0, max=1.0)
    event = column.word(model.CommunityEvent)
    earlier_ids = column.texts()
    earlier_size = dy.Int64(nullable=True, min=2)
    jaccard = dy.Float64(nullable=True, min=0.0, max=1.0)


class CommunityMoves(dy.Schema):
    """Members of a community that left one platform for another, and whether they did so together.

    ``movers`` are its actors with such a migration, ``pairs`` those pairs of them that left within the window of each
    other on the same way, ``expected_pairs`` how many of those as many movers drawn by chance make. The way, the times
    and ``migration_ids`` are of the way that most moved together on, ``movers_on_way`` of them.
    """

    community_id = column.key()
    origin_platform = column.text(nullable=False)
    destination_platform = column.text(nullable=False)
    movers = dy.Int64(nullable=False, min=2)
    movers_on_way = dy.Int64(nullable=False, min=1)
    pairs = dy.Int64(nullable=False, min=0)
    expected_pairs = dy.Float64(nullable=False, min=0.0)
    p = column.probability()
    q = column.probability()
    moves_together = dy.Bool(nullable=False)
    left_earliest = column.time()
    left_latest = column.time()
    arrived_earliest = column.time()
    arrived_latest = column.time()
    migration_ids = column.references()


class Migrations(dy.Schema):
    """An actor's move, with its times as intervals."""

    migration_id = column.key()
    actor_id = column.text(nullable=False)
    kind = column.word(model.MigrationKind)
    origin_account_id = column.reference(nullable=False)
    destination_account_id = column.reference(nullable=False)
    origin_platform = column.text(nullable=False)
    destination_platform = column.text(nullable=False)
    enforcement_id = column.text()
    left_earliest = column.time()
    left_latest = column.time()
    arrived_earliest = column.time()
    arrived_latest = column.time()
    match_probability = column.probability()
    standing = column.word(model.Standing)
    summary = column.text()  # one sentence for a reader: no handle, no target
    reasons = column.texts()
    report_ids = column.texts()


class Reporters(dy.Schema):
    """A reporter, by pseudonym: how many reports, and what came of those that the sources decided.

    Shares are of the decided reports, null where there are none. ``bursts`` counts those taken part in.
    """

    reporter_ref = column.key()
    platforms = column.texts()
    reports = dy.Int64(nullable=False, min=1)
    accounts = dy.Int64(nullable=False, min=0)
    upheld = dy.Int64(nullable=False, min=0)
    dismissed = dy.Int64(nullable=False, min=0)
    upheld_share = dy.Float64(nullable=True, min=0.0, max=1.0)
    dismissed_share = dy.Float64(nullable=True, min=0.0, max=1.0)
    bursts = dy.Int64(nullable=False, min=0)
    report_ids = column.references()
    first_reported_at = column.time()
    last_reported_at = column.time()


class Bursts(dy.Schema):
    """Many reporters of one account within a short window, mostly never seen before: perhaps brigading."""

    burst_id = column.key()
    account_id = column.reference(nullable=False)
    begun_at = column.time()
    ended_at = column.time()
    reports = dy.Int64(nullable=False, min=1)
    reporters = dy.Int64(nullable=False, min=1)
    new_reporters = dy.Int64(nullable=False, min=0)
    # Null where the source's reports do not go back far enough to tell.
    new_share = dy.Float64(nullable=True, min=0.0, max=1.0)
    alike_share = column.probability()  # of the reports with text: those that repeat another one's words
    report_ids = column.references()


class Judgements(dy.Schema):
    """What analysts said of pairs: the journal, read as a table. ``seq`` counts from 1."""

    seq = dy.Int64(primary_key=True, min=1)
    left = column.text(nullable=False)
    right = column.text(nullable=False)
    judgement = column.word(model.Judgement)
    analyst = column.text(nullable=False)
    reason = column.text(nullable=False)
    at = column.time()
