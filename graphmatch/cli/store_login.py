"""Who asks a server, and how safely: the login for a store's URL."""

from __future__ import annotations

import sys
from collections.abc import Callable
from getpass import getpass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from graphmatch.store import Login

SERVER_SCHEMES = ("neo4j", "bolt")


def is_server(url: str) -> bool:
    """Tell whether a store's URL names a server, not a file."""
    scheme, slashes, _ = url.partition("://")
    return bool(slashes) and scheme.partition("+")[0] in SERVER_SCHEMES


def login_for(url: str, say: Callable[[str], None]) -> Login:
    """Gather the login for a server; on a terminal, ask for a password that is found nowhere.

    Says so if what travels can be read on the way.
    """
    from graphmatch.settings import ServerSettings, server_password
    from graphmatch.store import Login

    if warning := exposed(url):
        say(warning)
    server = ServerSettings()
    secret = server_password(url, server).secret or _asked(url, server.username)
    return Login(server.username, secret.get_secret_value() if secret else None, server.database)


def exposed(url: str) -> str | None:
    """Give a warning if the URL's scheme sends reports and password in the clear, beyond this computer."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if "+" in parts.scheme or host == "localhost" or host.endswith(".localhost"):
        return None
    try:
        if ip_address(host).is_loopback:
            return None
    except ValueError:
        pass
    return f"warning: {parts.scheme}:// sends everything unencrypted to {host}; use {parts.scheme}+s://"


def _asked(url: str, username: str) -> SecretStr | None:
    from graphmatch.settings import server_address

    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return None
    try:
        typed = getpass(f"Password of {username}@{server_address(url)} (not shown): ", stream=sys.stderr)
    except EOFError:
        return None
    return SecretStr(typed) if typed else None
