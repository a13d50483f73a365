"""Settings, read once at the door: flag > ``GRAPHMATCH_*`` environment > ``graphmatch.toml`` > default.

Which store it is may also be said by ``NEO4J_URI``, after all of these and before the default. A variable that is empty
counts as not set. Rooms never read settings; they get plain arguments.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from graphmatch.errors import ConfigError

ENV_PREFIX = "GRAPHMATCH_"
SERVER_PREFIX = "NEO4J_"
SERVER_URI = f"{SERVER_PREFIX}URI"
BOLT_PORT = 7687
KEYRING_SERVICE = "graphmatch"
#: What stands before ``://`` in the URL of a store that is a file.
FILE_SCHEMES = ("embedded", "ladybug")


class RecipientSettings(BaseModel):
    """Who a release goes to: ``[recipients.NAME]`` in ``graphmatch.toml``."""

    model_config = ConfigDict(extra="forbid")

    platform: str
    instance: str | None = None
    marking: str = "TLP:AMBER+STRICT"


class Settings(BaseSettings):
    """What a workspace may set. Every field is also ``GRAPHMATCH_<FIELD>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid"
    )

    store: str | None = Field(None, description="URL of the graph store; the default is a file in the workspace")
    analyst: str | None = Field(None, description="name that judgements are signed with")
    timezone: str = Field("Europe/London", description="zone of times that come without one")
    threshold: float = Field(0.9, ge=0.5, le=1.0, description="match probability from which accounts form an actor")
    window_days: int = Field(
        90, ge=1, le=3650, description="days after an enforcement in which a new account is a move"
    )
    flow_days: int = Field(
        14, ge=1, le=3650, description="days after a removal within which moves are tested against chance"
    )
    permutations: int = Field(
        999,
        ge=99,
        le=99_999,
        description="how often enforcement times are dealt out anew to test a flow against chance",
    )
    least_cases: int = Field(5, ge=2, description="fewest cases of which a lag is estimated; fewer are suppressed")
    resolution: float | None = Field(
        None, gt=0, description="CPM resolution of communities: higher makes them smaller; the default is chosen"
    )
    cap: int | None = Field(
        None, ge=2, description="most accounts that share a blocking key; lower proposes fewer pairs, in less memory"
    )
    nearest: bool | None = Field(
        None, description="whether accounts nearest in spelling are compared; the default is up to 200,000 accounts"
    )
    memory_gib: float | None = Field(
        None, gt=0, description="most memory that linking may plan with; the default is what is free"
    )
    seed: int = Field(0, ge=0, description="seed of everything that draws")
    contact: str = Field("", description="where a recipient of a release asks back")
    max_file_gib: float = Field(64.0, gt=0, description="largest unpacked file that ingest reads")
    recipients: dict[str, RecipientSettings] = Field(default_factory=dict, description="recipients of releases")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a zone of the tz database, such as Europe/London")
        return value

    @field_validator("resolution", mode="before")
    @classmethod
    def _chosen(cls, value: Any) -> Any:
        return None if value == "auto" else value

    @field_validator("store")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        return plain_url(value) if value else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic-settings'
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file, Neo4j's own variable."""
        said = os.environ.get(SERVER_URI)
        server_uri = InitSettingsSource(settings_cls, {"store": said} if said else {})
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls), server_uri)


def plain_url(value: str) -> str:
    """Check that a store's URL says where the store is, and no more: above all, no password.

    Raises
    ------
    ValueError
        What is wrong, without repeating the URL.
    """
    value = value.strip()
    scheme, slashes, rest = value.partition("://")
    if not slashes:
        if ":" in value.partition("/")[0]:
            raise ValueError("neither a file nor a server's URL; one reads neo4j://host:7687, the other ./graph.lbug")
        return value
    if scheme in FILE_SCHEMES:
        return value
    if "@" in rest:
        raise ValueError(
            "a store's URL holds no login: take it out, and say it by NEO4J_USERNAME and NEO4J_PASSWORD or the keyring"
        )
    if not rest:
        raise ValueError("the URL names no host; it reads neo4j://host:7687")
    if set(rest.removesuffix("/")) & {"/", "?", "#"}:
        raise ValueError("a store's URL ends with its port; name the database by NEO4J_DATABASE")
    return f"{scheme}://{rest.removesuffix('/')}"


def load(toml: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings.

    Parameters
    ----------
    toml
        The workspace's ``graphmatch.toml``, if there is one.
    flags
        What the command line said; ``None`` values count as not said.

    Raises
    ------
    ConfigError
        A value is wrong or a key unknown; the message names the key and where it stands.
    """

    class Bound(Settings):
        model_config = SettingsConfigDict(toml_file=toml)

    said = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        bound = Bound(**said)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        why = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        why = why.removeprefix("Value error, ")
        raise ConfigError(f"setting {name!r} ({origin(name, toml, said)}): {why}") from None
    except ValueError as error:
        raise ConfigError(f"{toml}: not valid TOML: {error}") from None
    if bound.store and "://" not in bound.store and (place := origin("store", toml, said)).endswith(SERVER_URI):
        raise ConfigError(f"setting 'store' ({place}): not a server's URL, which reads neo4j://host:7687")
    return bound


def origin(name: str, toml: Path | None, flags: Mapping[str, Any]) -> str:
    """Say where the value of setting ``name`` comes from, for ``graphmatch doctor``."""
    top = name.partition(".")[0]
    if flags.get(top) is not None:
        return "flag"
    if os.environ.get(f"{ENV_PREFIX}{top.upper()}"):
        return f"environment {ENV_PREFIX}{top.upper()}"
    if toml and toml.is_file() and top in tomllib.loads(toml.read_text("utf-8")):
        return str(toml)
    if top == "store" and os.environ.get(SERVER_URI):
        return f"environment {SERVER_URI}"
    return "default"


class ServerSettings(BaseSettings):
    """Who asks a Neo4j server: the variables that Neo4j's own tools read."""

    model_config = SettingsConfigDict(env_prefix=SERVER_PREFIX, env_ignore_empty=True, extra="ignore")

    username: str = "neo4j"
    password: SecretStr | None = None
    database: str | None = None


class Password(NamedTuple):
    """A server's password, if it is known, and where it comes from."""

    secret: SecretStr | None
    origin: str


def server_origin(name: str) -> str:
    """Say where a field of `ServerSettings` comes from."""
    variable = f"{SERVER_PREFIX}{name.upper()}"
    return f"environment {variable}" if os.environ.get(variable) else "default"


def server_address(url: str) -> str:
    """Give ``host:port`` of a server's URL."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    try:
        return f"{host}:{parts.port or BOLT_PORT}"
    except ValueError:
        raise ConfigError("the port in the store's URL is none that there is; Bolt's is usually 7687") from None


def server_password(url: str, server: ServerSettings) -> Password:
    """Find the password: ``NEO4J_PASSWORD``, else the system's keyring.

    The keyring is asked by the package ``keyring``, where it is installed, for the service ``graphmatch`` and the user
    ``USERNAME@host:port``.
    """
    if server.password is not None:
        return Password(server.password, server_origin("password"))
    kept = _from_keyring(f"{server.username}@{server_address(url)}")
    return Password(SecretStr(kept), "keyring") if kept else Password(None, "")


def _from_keyring(user: str) -> str | None:
    try:
        kept = import_module("keyring").get_password(KEYRING_SERVICE, user)
    except Exception:  # noqa: BLE001 - its backends are anybody's; one that is locked or broken knows no password
        return None
    return kept if isinstance(kept, str) else None
