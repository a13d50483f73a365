"""What Docker and Neo4j Browser read: no engine runs here, so the files are read as they would read them."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neo4j_server import IMAGE

from graphmatch.store.graph import EDGES, NODES, SIGNAL_COLUMNS
from graphmatch.tables import dtypes

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")


# --- compose.yaml ---


@pytest.fixture(name="service")
def _service() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE)["services"]["neo4j"]


def test_the_image_is_a_long_term_one_and_that_of_the_tests(service: dict[str, Any]) -> None:
    assert service["image"] == IMAGE
    assert re.fullmatch(r"neo4j:5\.26(\.\d+)?-community", IMAGE)


def test_nobody_reaches_it_from_another_computer(service: dict[str, Any]) -> None:
    assert service["ports"]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in service["ports"])
    assert "network_mode" not in service


def test_the_password_is_asked_for_and_stands_nowhere(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"neo4j/\$\{NEO4J_PASSWORD:\?[^}]+\}", service["environment"]["NEO4J_AUTH"])
    rest = {name: text for name, text in service["environment"].items() if name != "NEO4J_AUTH"}
    assert "PASSWORD" not in str({**service, "environment": rest})


def test_it_gains_no_privileges(service: dict[str, Any]) -> None:
    assert service["user"] == "7474:7474"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys()


def test_its_data_stay_and_its_health_is_asked_for(service: dict[str, Any]) -> None:
    named = yaml.safe_load(COMPOSE)["volumes"].keys()
    assert {volume.partition(":")[0] for volume in service["volumes"]} == set(named)
    assert {volume.partition(":")[2] for volume in service["volumes"]} == {"/data", "/logs"}
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["healthcheck"]["test"][-1] == "http://127.0.0.1:7474/"


def test_neo4j_knows_every_setting(service: dict[str, Any], private_neo4j) -> None:
    settings = _settings(service["environment"])
    assert {"dbms.usage_report.enabled", "server.memory.heap.max_size"} <= settings.keys()
    server = private_neo4j(start=False, settings=settings)
    assert "validation successful" in server.admin("server", "validate-config")


def _settings(environment: dict[str, str]) -> dict[str, str]:
    """Name settings and fill in defaults as the image and Compose do."""
    names = {name: name.removeprefix("NEO4J_").replace("_", ".").replace("..", "_") for name in environment}
    return {
        names[name]: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text)
        for name, text in environment.items()
        if name != "NEO4J_AUTH"
    }


# --- graphmatch.grass ---

GRASS = (ROOT / "queries" / "graphmatch.grass").read_text("utf-8")
HEX = re.compile(r"#[0-9A-F]{6}")


def _rules() -> dict[str, dict[str, str]]:
    """Read rules as Browser does: it knows no comments, one colon a line, and braces of a caption only in quotes."""
    found = re.findall(r"([\w.]+) \{\n((?:  [\w-]+: [^\n:]+;\n)+)\}\n", GRASS)
    assert "".join(f"{name} {{\n{body}}}\n" for name, body in found) == GRASS
    made = {name: dict(line.strip(" ;").split(": ") for line in body.splitlines()) for name, body in found}
    assert len(made) == len(found)
    return made


LABELS = {"Signal": SIGNAL_COLUMNS, **{label: tuple(dtypes(table)) for table, (label, _) in NODES.items()}}


def test_every_label_and_relationship_type_has_a_style_and_nothing_else() -> None:
    nodes = {f"node.{label}" for label in LABELS}
    relationships = {f"relationship.{edge.type}" for edge in EDGES}
    assert _rules().keys() == {"node", "relationship"} | nodes | relationships


def test_captions_name_properties_that_are_there() -> None:
    properties = {f"node.{label}": columns for label, columns in LABELS.items()}
    properties |= {f"relationship.{edge.type}": edge.properties for edge in EDGES}
    for name, rule in _rules().items():
        caption = rule.get("caption", "''")
        assert re.fullmatch(r"'[^']*'", caption), name
        assert set(re.findall(r"\{(\w+)\}", caption)) <= set(properties.get(name, ())), name


def test_a_picture_shows_no_target_no_text_and_no_value() -> None:
    rules = _rules()
    assert rules["node.Target"]["caption"] == "'target'"
    for label in LABELS:
        assert not re.search(r"\{(text|value|quote|name|reporter_ref|bio)\}", rules[f"node.{label}"]["caption"])


#: How colours look to eyes without one kind of cone, in linear RGB (Machado, Oliveira and Fernandes 2009).
EYES = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def _linear(colour: str) -> np.ndarray:
    assert HEX.fullmatch(colour)
    part = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _lab(colour: str, eyes: str) -> np.ndarray:
    part = TO_XYZ @ np.clip(np.asarray(EYES[eyes]) @ _linear(colour), 0, 1) / WHITE
    x, y, z = np.where(part > 216 / 24389, np.cbrt(part), part * 24389 / 3132 + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
def test_labels_are_told_apart_by_all_eyes(eyes: str) -> None:
    """A just noticeable difference is about 2.3 in CIELAB; this asks for eight of them."""
    rules = _rules()
    for one, other in itertools.combinations(LABELS, 2):
        colours = rules[f"node.{one}"]["color"], rules[f"node.{other}"]["color"]
        apart = np.linalg.norm(_lab(colours[0], eyes) - _lab(colours[1], eyes))
        assert apart > 8 * 2.3, (one, other, apart)


def test_captions_can_be_read_on_their_colour() -> None:
    """Contrast of 4.5 to 1, WCAG 2.2 level AA."""
    for label in LABELS:
        rule = _rules()[f"node.{label}"]
        dark, light = sorted(float(TO_XYZ[1] @ _linear(rule[name])) for name in ("color", "text-color-internal"))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, label
