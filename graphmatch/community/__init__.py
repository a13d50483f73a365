"""Actors and what their accounts did → Communities: nodes that share rare targets, moments, links and words.

In: ``accounts, actors, reports, contents, sightings, targets, bursts``, ``migrations``, and the ``communities`` of the
run before. Out: ``communities, community_moves``, a lineage. Pure: the order of rows never matters.

Nodes are actors (their accounts contracted) and the other accounts. A *layer* ties nodes that share a key; a tie's
weight says how surprising that is. Shared keys add up by noisy-or, so that a pair's weight stays in [0, 1). Leiden
with the constant Potts model then finds groups whose mean inner weight exceeds the resolution; unlike modularity it
does not overlook small groups in a large graph (Traag, Van Dooren & Nesterov 2011; Traag, Waltman & van Eck 2019).

**The resolution** has a unit, the mean weight of a pair inside a community, and so means the same whatever the size
of the graph. At the default of 0.05 one shared key makes a community on its own if it is an address on up to 100
profiles, words that up to ten people posted, a target that up to six hit, or a moment (two spans) of up to 26;
anything commoner has to coincide. `stability` says whether the data bear it: it searches with several seeds at several
resolutions, and communities on which the seeds disagree are not to be leant on. `chosen` takes another one then.

**Whether it is more than chance** says `against_chance`, **what became of it since the last run** `followed`, and
**whether its members moved together** `moves`.

Acting alike is ordinary among people who care about the same thing. A community is a place to look, never evidence
about an operator, and no layer counts how *many* reports there are.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from graphmatch.community.chance import SURE, against_chance
from graphmatch.community.layers import LINK, MOMENT, MOST_TIES, REPLY, REPORTER, TARGET, TEXT, WINDOW, Layer
from graphmatch.community.lineage import Followed, followed
from graphmatch.community.moves import moves
from graphmatch.community.pictured import pictured
from graphmatch.community.search import search
from graphmatch.community.stability import RESOLUTION, chosen, stability
from graphmatch.community.ties import Ties, tie

__all__ = [
    "LINK", "MOMENT", "MOST_TIES", "REPLY", "REPORTER", "RESOLUTION", "SURE", "TARGET", "TEXT",
    "Followed", "Layer", "Ties",
    "against_chance", "chosen", "detect", "followed", "moves", "pictured", "search", "stability", "tie",
]  # fmt: skip


def detect(  # noqa: PLR0913 - one argument a table
    accounts: pl.DataFrame,
    actors: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    targets: pl.DataFrame | None = None,
    bursts: pl.DataFrame | None = None,
    resolution: float = RESOLUTION,
    seed: int = 0,
    window: timedelta = WINDOW,
) -> pl.DataFrame:
    """Detect communities of two or more nodes: `tie`, then `search`.

    Parameters
    ----------
    accounts, actors, reports, contents, sightings
        Tables of those names. Accounts that ``accounts`` does not hold are left out.
    targets, bursts
        Tables of those names. Without the first nobody is known to answer anybody; reports of a burst say nothing about
        common reporters.
    resolution
        Lowest mean weight of the pairs inside a community (> 0). Why 0.05: see the top of this module.
    seed
        Seed of the search; the same tables and seed give the same communities.
    window
        Two nodes that hit one target within it share a moment; beyond twice of it they never do. An evening.

    Returns
    -------
    polars.DataFrame
        Table ``communities``, largest first. ``density`` is inner weight over possible pairs of nodes, and the shares
        say which layers that weight is of. All are births, and chance is not asked.

    Raises
    ------
    UsageError
        Resolution or window is not positive.
    """
    ties = tie(accounts, actors, reports, contents, sightings, targets=targets, bursts=bursts, window=window)
    return search(ties, resolution=resolution, seed=seed)
