"""The page of ``graphmatch warnings --html``: a list of accounts to look at, each with its reasons and a line of time.

In: the rows that ``graphmatch warnings --json`` writes. Out: HTML. It adds nothing of its own and quotes no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from graphmatch.charts.page import escaped, isolated, page
from graphmatch.estimative import figure

#: Warnings beyond so many are counted, not shown: nobody looks through more at once.
MOST = 100
#: Days before the enforcement that a line of time shows at most.
_BEFORE = timedelta(days=30)
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _LINE = 640, 64, 10, 540, 30
_HOW_TO_READ = (
    "Priority = match probability × recency × harm, each between 0 and 1. It is an order in which to look, and no "  # noqa: RUF001
    "probability. Recency halves with every half-life after the enforcement; harm is 1/3, 2/3 or 1 for the gates "
    "terms, illegal and imminent, times the share of reports that were not dismissed."
)
_CAUTION = (
    "Suggested, and no more. Nobody has reported these accounts, and their platforms have decided nothing about them. "
    "A link to another account is not an identity. This page is an analyst's working paper and no release: look, and "
    "if it is borne out, report the account at its own platform."
)


def warnings_page(found: Sequence[Mapping[str, Any]]) -> str:
    """Draw early warnings.

    Parameters
    ----------
    found
        Rows of `graphmatch.early_warning.warn`, most urgent first.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    parts = ["<h1>Early warning: accounts that nobody has reported yet</h1>", f'<p class="verdict">{_CAUTION}</p>']
    if not found:
        parts.append("<p>There is no warning.</p>")
    else:
        parts += [f'<p class="small">{_HOW_TO_READ}</p>', _counted(found)]
        parts += [_warning(number, row) for number, row in enumerate(found[:MOST], 1)]
    return page("graphmatch warnings", "\n".join(parts))


def _counted(found: Sequence[Mapping[str, Any]]) -> str:
    as_of = f"{found[0]['as_of']:%Y-%m-%d}"
    count = "1 warning" if len(found) == 1 else f"{len(found):,} warnings"
    more = f"; the first {MOST} are shown" if len(found) > MOST else ""
    return f"<p><strong>{count}</strong>, as of {as_of}{more}.</p>"


def _warning(number: int, row: Mapping[str, Any]) -> str:
    reasons = "".join(f"<li>{escaped(reason)}</li>" for reason in row["reasons"])
    factors = (
        f"priority <strong>{row['priority']:.3f}</strong> = {figure(row['match_probability'])} match × "  # noqa: RUF001
        f"{row['recency']:.2f} recency × {row['harm']:.2f} harm"  # noqa: RUF001
    )
    return (
        f'<section class="warning"><h2>{number}. <code>{isolated(row["account_id"])}</code></h2>'
        f'<p>{factors} · <span class="family">{escaped(row["standing"])}</span></p>'
        f'<p class="small">tied to <code>{isolated(row["enforced_account_id"])}</code></p>'
        f"{_line(row)}<ul>{reasons}</ul></section>"
    )


def _line(row: Mapping[str, Any]) -> str:
    """Draw the enforcement there, the account's creation here, and the day of the list, on one line of time."""
    earliest = row["enforced_earliest"] or row["enforced_latest"]
    latest = row["enforced_latest"] or row["enforced_earliest"]
    created, now = row["created_at"], max(row["as_of"], latest)
    begins = earliest - _BEFORE
    span = (now - begins) / timedelta(days=1) or 1.0

    def at(moment: datetime) -> float:
        days: float = (moment - begins) / timedelta(days=1)
        return _LEFT + max(0.0, days) / span * (_RIGHT - _LEFT)

    low, high = at(earliest), at(latest)
    drawn = [
        f'<line class="warning-axis" x1="{_LEFT}" y1="{_LINE}" x2="{_RIGHT}" y2="{_LINE}"/>',
        f'<rect class="against" x="{low - 4:.1f}" y="{_LINE - 9}" width="{high - low + 8:.1f}" height="18"/>',
        _text(low, 14, f"{row['enforced_platform']}: enforced {earliest:%Y-%m-%d}"),
        f'<line class="warning-now" x1="{_RIGHT}" y1="{_LINE - 12}" x2="{_RIGHT}" y2="{_LINE + 12}"/>',
        _text(_RIGHT + 10, _LINE + 4, f"{now:%Y-%m-%d}", "start"),
    ]
    if created is not None:
        older = created < begins
        place = min(at(created), float(_RIGHT))
        words = f"{row['platform']}: made {created:%Y-%m-%d}"
        drawn.append(f'<circle class="for" cx="{place:.1f}" cy="{_LINE}" r="7"/>')
        drawn.append(_text(place, 56, f"{'← ' if older else ''}{words}"))
    else:
        drawn.append(_text(_LEFT, 56, f"{row['platform']}: nobody knows when it was made"))
    label = f"time from {begins:%Y-%m-%d} to {now:%Y-%m-%d}"
    return (
        f'<svg class="warning-line" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f"{''.join(drawn)}</svg>"
    )


def _text(x: float, y: int, words: str, anchor: str | None = None) -> str:
    anchor = anchor or ("start" if x < _WIDTH / 2 else "end")
    return f'<text class="warning-words" text-anchor="{anchor}" x="{x:.1f}" y="{y}">{escaped(words)}</text>'
