"""Settings: flag > environment > file > default, and errors that say where the wrong value stands."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphmatch.errors import ConfigError
from graphmatch.settings import (
    ServerSettings,
    Settings,
    load,
    origin,
    server_address,
    server_origin,
    server_password,
)

SERVER = "neo4j://graph.example:7687"


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GRAPHMATCH_THRESHOLD", raising=False)
    path = tmp_path / "graphmatch.toml"
    path.write_text("threshold = 0.8\n[recipients.north]\nplatform = 'mastodon'\n", "utf-8")
    return path


def test_each_source_goes_before_the_next(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(None).threshold == 0.9
    assert load(toml).threshold == 0.8
    monkeypatch.setenv("GRAPHMATCH_THRESHOLD", "0.7")
    assert load(toml).threshold == 0.7
    assert load(toml, {"threshold": 0.6}).threshold == 0.6
    assert load(toml, {"threshold": None}).threshold == 0.7


def test_origin_names_the_source(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origin("threshold", None, {}) == "default"
    assert origin("threshold", toml, {}) == str(toml)
    assert origin("seed", toml, {}) == "default"
    monkeypatch.setenv("GRAPHMATCH_THRESHOLD", "0.7")
    assert "GRAPHMATCH_THRESHOLD" in origin("threshold", toml, {})
    assert origin("threshold", toml, {"threshold": 0.6}) == "flag"


def test_recipients_are_read(toml: Path) -> None:
    assert load(toml).recipients["north"].platform == "mastodon"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("timezone = 'Europe/Northmoor'\n", "tz database"),
        ("seeds = 1\n", "no such setting"),
        ("threshold = 7\n", "threshold"),
        ("treshold = 0.8\n", "treshold"),
        ("threshold = \n", "graphmatch.toml"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "graphmatch.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=named):
        load(path)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHMATCH_SEED", "many")
    with pytest.raises(ConfigError, match="GRAPHMATCH_SEED"):
        load(None)


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_store_is_named_by_flag_environment_file_and_neo4j_s_own_variable_in_that_order(
    toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(**flags: str) -> tuple[str | None, str]:
        return load(toml, flags).store, origin("store", toml, flags)

    assert found() == (None, "default")
    monkeypatch.setenv("NEO4J_URI", SERVER)
    assert found() == (SERVER, "environment NEO4J_URI")
    toml.write_text("store = 'embedded:///srv/a.lbug'\n")
    assert found() == ("embedded:///srv/a.lbug", str(toml))
    monkeypatch.setenv("GRAPHMATCH_STORE", "bolt://b.example")
    assert found() == ("bolt://b.example", "environment GRAPHMATCH_STORE")
    assert found(store="c.lbug") == ("c.lbug", "flag")


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRAPHMATCH_STORE", "NEO4J_URI", "GRAPHMATCH_SEED", "NEO4J_PASSWORD", "NEO4J_USERNAME"):
        monkeypatch.setenv(name, "")
    assert (load(None).store, origin("store", None, {}), load(None).seed) == (None, "default", 0)
    assert (ServerSettings().username, ServerSettings().password) == ("neo4j", None)
    assert server_origin("username") == "default"


@pytest.mark.parametrize("place", ["flag", "GRAPHMATCH_STORE", "NEO4J_URI", "graphmatch.toml"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("neo4j://jo:s3cret@graph.example:7687", "NEO4J_PASSWORD"),
        ("bolt+s://s3cret@graph.example", "NEO4J_PASSWORD"),
        ("neo4j://jo:s3/c#ret@graph.example", "NEO4J_PASSWORD"),
        ("https://jo:s3cret@graph.example", "NEO4J_PASSWORD"),
        ("neo4j:jo:s3cret/@graph.example", "neo4j://host:7687"),
        ("neo4j://graph.example/s3cret", "NEO4J_DATABASE"),
        ("neo4j://graph.example?database=s3cret", "NEO4J_DATABASE"),
        ("graph.example:7687", "neo4j://host:7687"),
        ("neo4j://", "names no host"),
    ],
)
def test_a_url_says_where_the_store_is_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, url: str, said: str
) -> None:
    toml, flags = tmp_path / "graphmatch.toml", {}
    if place == "flag":
        flags = {"store": url}
    elif place == toml.name:
        toml.write_text(f"store = '{url}'\n")
    else:
        monkeypatch.setenv(place, url)
    with pytest.raises(ConfigError, match=said) as caught:
        load(toml, flags)
    assert place in str(caught.value)
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("url", ["a b/o'brien@home:1.lbug", "./a:b", "embedded:///srv/a@b:c?d#e.lbug"])
def test_a_file_may_be_called_anything(url: str) -> None:
    assert load(None, {"store": url}).store == url


def test_neo4j_s_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "graph.example")
    with pytest.raises(ConfigError, match=r"NEO4J_URI\): not a server's URL, which reads neo4j://host:7687"):
        load()
    assert load(None, {"store": "graph.lbug"}).store == "graph.lbug"


def test_a_server_s_url_may_end_in_a_slash() -> None:
    assert load(None, {"store": f" {SERVER}/\r"}).store == SERVER


def test_the_address_has_a_port() -> None:
    assert server_address("neo4j+s://Graph.Example") == "graph.example:7687"
    assert server_address("bolt://[::1]:7000") == "[::1]:7000"
    with pytest.raises(ConfigError, match="port"):
        server_address("bolt://graph.example:many")


def test_the_password_is_neo4j_s_variable_or_else_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def get_password(service: str, user: str) -> str | None:
        asked.append((service, user))
        return "from the ring"

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    monkeypatch.setenv("NEO4J_USERNAME", "jo")
    kept = server_password(SERVER, ServerSettings())
    assert kept.secret is not None
    assert (kept.secret.get_secret_value(), kept.origin) == ("from the ring", "keyring")
    assert asked == [("graphmatch", "jo@graph.example:7687")]
    monkeypatch.setenv("NEO4J_PASSWORD", "from outside")
    said = server_password(SERVER, ServerSettings())
    assert said.secret is not None
    assert (said.secret.get_secret_value(), said.origin) == ("from outside", "environment NEO4J_PASSWORD")
    assert len(asked) == 1
    for shown in (repr(said), str(said), repr(ServerSettings()), repr(kept)):
        assert "from " not in shown


def test_a_keyring_that_is_missing_broken_or_empty_knows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Exception):
        pass

    def broken(*_: str) -> str:
        raise Broken("no session bus")

    rings = (None, SimpleNamespace(get_password=broken), SimpleNamespace(get_password=lambda *_: None))
    for ring in rings:
        monkeypatch.setitem(sys.modules, "keyring", ring)
        assert server_password(SERVER, ServerSettings()).secret is None
