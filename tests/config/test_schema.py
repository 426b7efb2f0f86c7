import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from webfail2ban.config import EngineSettings, Models, Settings, check, json_schema, parse
from webfail2ban.config.tree import plain
from webfail2ban.config.yamltext import compose

EXAMPLE = """\
x-seconds: &seconds 30s
plugins: [jails, tail]
plugin_dirs: [/etc/webfail2ban/plugins]
grace: 1h30m
spoa:
  enabled: true
  address: /run/webfail2ban/spoa.sock
  port: 12345
  max_clients: 100
  read_timeout: *seconds
verdict: {scope: sess, score_threshold: 50, ipv6_prefix: 56, timeout: 5ms, remember: 0}
log:
jails:
  sshd: {filter: sshd, maxretry: 3, findtime: 600, bantime: -1, ignoreip: 192.0.2.1 ::1}
  web: {filter: web, bantime: permanent, ignoreip: [192.0.2.0/24]}
tail:
  start: 5
  files: [a]
"""


@pytest.fixture
def schema(models: Models) -> dict[str, Any]:
    return json_schema(models)


@pytest.fixture
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema)


def data_of(text: str) -> Any:
    node, problems = compose(text, lambda _line, _column: parse("").root.mark)
    assert node is not None
    assert problems == ()
    return plain(node)


def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    """Of the draft that it names, and JSON to the last number."""
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    json.dumps(schema, allow_nan=False)


def test_what_the_engine_takes_the_schema_takes(
    validator: Draft202012Validator, models: Models
) -> None:
    """An example with every section, written in many ways."""
    check(parse(EXAMPLE), models)
    validator.validate(data_of(EXAMPLE))


@pytest.mark.parametrize("text", ["{}", "spoa:\njails:\nplugins:\n"])
def test_sections_may_be_empty_or_left_out(validator: Draft202012Validator, text: str) -> None:
    """As for the engine."""
    validator.validate(data_of(text))


@pytest.mark.parametrize(
    "text",
    [
        "spao: {}",
        "spoa: {prot: 1}",
        "spoa: {port: 65536}",
        "spoa: {read_timeout: soon}",
        "grace: -1",
        "verdict: {scope: tnx}",
        "plugins: whitelist",
        "jails: {sshd: {}}",
        "jails: {sshd: {filter: a, bantime: never}}",
    ],
)
def test_an_editor_sees_mistakes(validator: Draft202012Validator, text: str) -> None:
    """Unknown names, wrong types, wrong values."""
    assert not validator.is_valid(data_of(text))


def test_descriptions_and_defaults_are_shown(schema: dict[str, Any]) -> None:
    """An editor has them at hand; a duration's default is written as one."""
    spoa = schema["$defs"]["SpoaSettings"]["properties"]
    assert spoa["read_timeout"]["default"] == "30s"
    assert spoa["port"]["description"].startswith("The TCP port")
    assert schema["$defs"]["Jail"]["properties"]["bantime"]["default"] == "10m"


def described(schema: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for name, definition in [*schema["$defs"].items(), ("top", schema)]:
        for key, value in definition.get("properties", {}).items():
            yield f"{name}.{key}", "description" in value or "$ref" in str(value)


def test_every_setting_of_the_engine_is_described() -> None:
    """Those of plugins are described by their plugins."""
    assert [name for name, told in described(json_schema({})) if not told] == []


def test_models_of_one_name_are_kept_apart() -> None:
    """Two plugins may both call theirs Settings, and be called what they like."""

    def model(kind: type) -> type[BaseModel]:
        return type("Model", (Settings,), {"__annotations__": {"x": kind}, "__module__": str(kind)})

    schema = json_schema({"copy": model(int), "json": model(str)})
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"copy": {"x": 1}, "json": {"x": "a"}})
    assert not validator.is_valid({"copy": {"x": "a"}})
    assert not validator.is_valid({"json": {"x": 1}})


def test_examples_of_the_schema_are_valid() -> None:
    """Whoever copies one has a valid setting."""
    schema = json_schema({})
    for definition in schema["$defs"].values():
        for setting in definition["properties"].values():
            for example in setting.get("examples", ()):
                Draft202012Validator({**setting, "$defs": schema["$defs"]}).validate(example)
    assert EngineSettings.model_fields["plugins"].examples
