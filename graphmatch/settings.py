"""Settings, read once at the door: flag > ``GRAPHMATCH_*`` environment > ``graphmatch.toml`` > default.

Rooms never read settings; they get plain arguments.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from graphmatch.errors import ConfigError

ENV_PREFIX = "GRAPHMATCH_"


class RecipientSettings(BaseModel):
    """Who a release goes to: ``[recipients.NAME]`` in ``graphmatch.toml``."""

    model_config = ConfigDict(extra="forbid")

    platform: str
    instance: str | None = None
    marking: str = "TLP:AMBER+STRICT"


class Settings(BaseSettings):
    """What a workspace may set. Every field is also ``GRAPHMATCH_<FIELD>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid")

    store: str | None = Field(None, description="URL of the graph store; the default is a file in the workspace")
    analyst: str | None = Field(None, description="name that judgements are signed with")
    timezone: str = Field("Europe/London", description="zone of times that come without one")
    threshold: float = Field(0.9, ge=0.5, le=1.0, description="match probability from which accounts form an actor")
    window_days: int = Field(
        90, ge=1, le=3650, description="days after an enforcement in which a new account is a move"
    )
    resolution: float = Field(0.05, gt=0, description="CPM resolution of communities: higher makes them smaller")
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic-settings'
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


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
        return Bound(**said)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        why = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise ConfigError(f"setting {name!r} ({origin(name, toml, said)}): {why}") from None
    except ValueError as error:
        raise ConfigError(f"{toml}: not valid TOML: {error}") from None


def origin(name: str, toml: Path | None, flags: Mapping[str, Any]) -> str:
    """Say where the value of setting ``name`` comes from, for ``graphmatch doctor``."""
    top = name.partition(".")[0]
    if flags.get(top) is not None:
        return "flag"
    if f"{ENV_PREFIX}{top.upper()}" in os.environ:
        return f"environment {ENV_PREFIX}{top.upper()}"
    if toml and toml.is_file() and top in tomllib.loads(toml.read_text("utf-8")):
        return str(toml)
    return "default"
