"""Matches and Judgements → Actors: sets of accounts *suspected* to have one operator.

In: ``matches``, ``judgements`` and the ``actors`` of the last run. Out: ``actors``, and ``matches`` with the
standing that judgements give them. Pure: the order of rows never matters.

How groups merge. POSITIVE pairs merge first. Then each link (story ``same_operator``, probability at or above
the threshold) is tried from the most probable down, and merges the two groups that it joins if

1. no pair across them was judged NEGATIVE (or is in conflict), and none has the story ``impersonation``;
2. the *mean evidence* over all scored pairs across them is not negative. A pair's evidence is its log-odds in
   bits less the prior: what was observed about the pair, for or against. Pairs never compared say nothing;
3. it is no weak bridge: a link joins two single accounts on its own, but larger groups only if one link
   across them is strong (a tenth of the threshold's chance of error) or a second link across them agrees.

Two actors that an analyst joins later cost less than one actor that holds a stranger. What holds an actor
together is shown by `cohesion`: where it would part first, and the links that nothing can stand in for.

A merge asks only about pairs between the two groups that it joins. So what happens in one part of the graph
never depends on another part, which is why `resolve_near` may do one part alone.
"""

from __future__ import annotations

from graphmatch.opinions import Opinions, opinions
from graphmatch.resolve.actors import Resolved, resolve
from graphmatch.resolve.cuts import cohesion
from graphmatch.resolve.near import changed_accounts, resolve_near

__all__ = ["Opinions", "Resolved", "changed_accounts", "cohesion", "opinions", "resolve", "resolve_near"]
