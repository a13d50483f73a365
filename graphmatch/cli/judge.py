"""``graphmatch judge``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from graphmatch.cli.state import state_of
from graphmatch.errors import UsageError
from graphmatch.model import Judgement


def judge(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="A", help="An account id: platform:instance:native_id.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The other account's id.")],
    judgement: Annotated[Judgement, typer.Argument(help="Do they have the same operator?")],
    *,
    analyst: Annotated[str | None, typer.Option(help="Who judges. Default: the setting `analyst`.")] = None,
    reason: Annotated[str, typer.Option(help="Why; required, and kept.")],
) -> None:
    """Record what an analyst says of a pair. Nothing is ever overwritten: a later judgement stands beside the earlier.

    Example: `graphmatch judge mastodon:a.example:1 x:x:2 positive --analyst jo --reason "same site, same phrases"`

    Then `graphmatch resolve` obeys it. Two different analysts must say positive before a link may be released.
    """
    from graphmatch.journal import Journal

    state = state_of(ctx)
    who = state.settings(analyst=analyst).analyst
    if not who:
        raise UsageError("say who judges: --analyst NAME, or `analyst` in graphmatch.toml")
    with state.opened(read_only=True) as store:
        known = set(store.read("accounts")["account_id"])
    if missing := [name for name in (account, other) if name not in known]:
        raise UsageError(f"no account has the id {missing[0]!r}; ids are those that `graphmatch migrations` prints")
    Journal(state.workspace().journal).judge(
        account, other, judgement, analyst=who, reason=reason, at=datetime.now(UTC)
    )
    state.say("recorded; next: graphmatch resolve")
