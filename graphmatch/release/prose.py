"""What a bundle says in words: its README. It holds counts and rules, never a row."""

from __future__ import annotations

from collections.abc import Mapping

from graphmatch.release.gate import RULES, reports_for_police

_README = """\
# Suspected links for {recipient}, {period}

Marking: **{marking}**. {sharing}

## What this is

Accounts on {place} that are suspected to have the same operator as another account, each with reports of its own.
Two different analysts have looked at each pair and said so; nobody has said no.

**It is a lead, not a verdict.** A report is an allegation, and a link is a suspicion. Please look at the accounts
yourselves, and act only on what breaches *your own* terms. Nothing here says who anybody is.

It holds nothing about whom the abuse was aimed at or who reported it, no text, and no e-mail address, phone number, IP
address or digest of one. What may be illegal or puts somebody in danger goes to the police and is not in here. If you
see a danger to life, call the emergency number first.

## Files

| file | holds | rows |
|---|---|---|
| `links.csv`, `links.parquet` | one row for each of your accounts in a pair | {links} |
| `migrations.csv`, `migrations.parquet` | suspected moves to or from your platform, with time bounds | {migrations} |
| `bundle.stix.json` | the same as STIX 2.1 | |
| `manifest.json` | hashes, counts, what changed since the last release | |
| `SHA256SUMS` | check with `sha256sum --check SHA256SUMS` | |

- `likelihood` is in words: almost certain (95 % and above), very likely (80), likely (55), roughly even chance (45),
  unlikely (20), very unlikely (5), almost no chance.
- `families` are the independent kinds of evidence: declared, contact, naming, self_description, behaviour. Of contact
  evidence you learn that there is some, never the value.
- `assessed_as` and `reported_as` count the reports about *your* account: those that somebody assessed, and the others.
- In CSV, a cell that a spreadsheet would run as a formula begins with `'`; import ids as text. Parquet has them as they
  are.
- `link_id` stays the same from release to release. A `link_id` under `withdrawn` in the manifest no longer stands:
  please undo what you did because of it.

## What was held back

{withheld}

## If something is wrong

Tell us and we withdraw it: {contact}. People whose accounts are named here may ask you or us for a correction.
"""

_SHARING = {
    "TLP:RED": "For the named readers only: do not pass it on.",
    "TLP:AMBER+STRICT": "For your organisation only, and there for those who need to know.",
    "TLP:AMBER": "For your organisation and those who work for it, as far as they need to know.",
}
_NO_CONTACT = "[no contact was set: ask whoever sent you this]"


def readme(
    *,
    recipient: str,
    place: str,
    period: str,
    marking: str,
    rows: Mapping[str, int],
    withheld: Mapping[str, int],
    contact: str,
) -> str:
    """Write the README of a bundle."""
    return _README.format(
        recipient=recipient,
        place=place,
        period=period,
        marking=marking,
        sharing=_SHARING[marking],
        links=rows["links"],
        migrations=rows["migrations"],
        withheld=_withheld(withheld),
        contact=contact or _NO_CONTACT,
    )


def _withheld(counts: Mapping[str, int]) -> str:
    if not counts:
        return "Nothing that touches your accounts."
    meaning = {rule.__name__: (rule.__doc__ or "").removeprefix("Hold back where ") for rule in RULES}
    meaning[reports_for_police.__name__] = "reports, not pairs: what may be illegal or is imminent goes to the police."
    lines = [f"| {counts[name]} | `{name}` | {meaning[name]} |" for name in meaning if name in counts]
    return "\n".join(["| count | reason | meaning |", "|---|---|---|", *lines])
