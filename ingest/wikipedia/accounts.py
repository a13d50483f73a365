"""A user name of Wikipedia → its account's key and row. An address in a name's place is no account."""

from __future__ import annotations

import ipaddress
from datetime import datetime

from graphmatch.errors import LeftOut
from graphmatch.model import Account, IdKind
from graphmatch.normalise.text import bears_contact

PLATFORM = INSTANCE = "wikipedia"


def user_name(written: str) -> str:
    """Write a user name as MediaWiki does: blanks for underscores, the first letter upper case.

    Raises
    ------
    LeftOut
        It is an IP address or a range (somebody without an account), or a number of an automatic block.
    """
    name = " ".join(written.replace("_", " ").split())
    name = name[:1].upper() + name[1:]
    if name.startswith("#"):
        raise LeftOut("an automatic block, which names no account")
    if _is_address(name) or bears_contact(name):
        raise LeftOut("an address, not an account")
    return name


def account_id(name: str) -> str:
    """Write an account's key: names differ by case there, so it stays."""
    return f"{PLATFORM}:{INSTANCE}:@{name}"


def account(name: str, seen: datetime | None) -> Account:
    """Give the row of the account with this name."""
    return Account(
        account_id=account_id(name),
        platform=PLATFORM,
        instance=INSTANCE,
        native_id=f"@{name}",
        id_kind=IdKind.HANDLE_ONLY,
        observed_at=seen,
        handle=name,
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_network(name, strict=False)
    except ValueError:
        return False
    return True
