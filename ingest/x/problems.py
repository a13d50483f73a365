"""An error in an answer of X's API → the state of the account that it is about, as it was seen then.

X does not say since when an account has been suspended or gone: no error is a sanction with a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import AccountState, Row
from graphmatch.profile import profile_rows
from ingest.x.users import account_of, handle_in, is_number, named_account, pulled_at

Record = Mapping[str, Any]

#: What was asked about: the accounts themselves, or who wrote a post. All else names somebody whom a post names.
_ASKED = frozenset({"id", "ids", "username", "usernames", "author_id", "user_id"})
_USER = "user"


def problem_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one error says of an account."""
    detail = fields.required_text(record, "detail")
    folded = detail.casefold()
    kind = (fields.text(record, "resource_type") or "").casefold()
    about_account = kind == _USER or (not kind and ("user with" in folded or folded.startswith("user ")))
    if not about_account:
        raise LeftOut("a post, picture or place that X does not show; it says nothing of an account")
    parameter = fields.text(record, "parameter")
    if parameter is not None and parameter not in _ASKED:
        raise LeftOut("an account that X does not show and that a post only names")
    state = _state(folded)
    if state is None:
        raise LeftOut("an account that X does not show to whoever asked; it says nothing of its state")
    name = fields.text(record, "resource_id") or fields.text(record, "value") or _bracketed(detail)
    if name is None:
        raise RejectedRecord("an error about an account that does not say which: 'resource_id' and 'value' are missing")
    pulled = pulled_at(record, context)
    by_name = parameter in ("username", "usernames") or "with username" in folded
    handle = handle_in(name)
    if by_name or not is_number(name):
        if handle is None:
            raise RejectedRecord("the field 'resource_id' is neither an id nor a handle of X")
        account = named_account(handle, pulled, state)
    else:
        plain = account_of({}, name, pulled, "resource_id", is_there=False)
        account = replace(plain, state=state)
    yield from profile_rows(account, source=context.source, keyring=context.keyring)


def _state(detail: str) -> AccountState | None:
    if "suspended" in detail:
        return AccountState.SUSPENDED
    return AccountState.DELETED if "could not find" in detail or "not found" in detail else None


def _bracketed(detail: str) -> str | None:
    """Give what stands in brackets at the end: older answers name the account nowhere else."""
    return detail.rstrip(". ").removesuffix("]").rpartition("[")[2].strip() or None if "[" in detail else None
