"""The lag ledger: how late everybody was, from an enforcement to what a platform did about the account that came after.

In: tables ``migrations, reports, enforcements, contents``, the removals of `graphmatch.migration.removed`, what was
released and what recipients acknowledged (`SHARED`, `ACKNOWLEDGED`). Out: frames for tables, pictures and notebooks:

- `ledger`: one row a case and stage, its lag as an interval in days, censored or not; and what was refused, and why.
- `curves`: Kaplan-Meier by stage and pair of platforms, with bands, numbers at risk and censored.
- `summary`: medians and 90th percentiles with their intervals and n.
- `compare`: log-rank between the cases before and after a date.

A lag is a survival time. Who has not reappeared, or was not acted on, **yet** is right-censored at the newest time in
the data, never dropped. Where times are intervals nothing is taken for their middle: each lag has a least and a most,
and every curve and figure is given for both (``earliest``, ``latest``).
"""

from __future__ import annotations

from graphmatch.lag.cases import ACKNOWLEDGED, LEDGER, READ_AS, SHARED, STAGES, Ledger, ledger, newest
from graphmatch.lag.survival import ANY, LEAST_CASES, compare, curves, summary

__all__ = [
    "ACKNOWLEDGED", "ANY", "LEAST_CASES", "LEDGER", "READ_AS", "SHARED", "STAGES", "Ledger",
    "compare", "curves", "ledger", "newest", "summary",
]  # fmt: skip
