from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from webfail2ban.config import Configuration, EngineSettings, SpoaSettings
from webfail2ban.config.shapes import alternatives

Checker = Callable[..., Configuration]
Complainer = Callable[..., list[str]]


def models_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for part in alternatives(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models_of(part)


@pytest.mark.parametrize(
    ("section", "settings"),
    [
        ("plugins", ()),
        ("plugin_dirs", ()),
        ("grace", 10),
        ("user", None),
        ("group", None),
        (
            "spoa",
            {
                "enabled": True,
                "address": "127.0.0.1",
                "port": 12345,
                "max_clients": 512,
                "read_timeout": 30,
                "tls": None,
            },
        ),
        (
            "verdict",
            {
                "scope": "txn",
                "score_threshold": 100,
                "weights": {},
                "ban_scores": {},
                "max_score": 100,
                "score_allowed": False,
                "ipv6_prefix": 64,
                "timeout": 0.01,
                "remember": 65536,
            },
        ),
        ("log", {"level": "info", "format": "text"}),
    ],
)
def test_the_sections_have_these_settings(section: str, settings: object) -> None:
    """Their names are promised: to files, to variables, and to those who read settings."""
    assert EngineSettings().model_dump()[section] == settings


def test_every_setting_is_described() -> None:
    """In whole sentences."""
    for model in models_of(EngineSettings):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            assert field.description.endswith("."), f"{model.__name__}.{name}"


@pytest.mark.parametrize(
    ("address", "path"),
    [("127.0.0.1", None), ("name", None), ("unix@/run/x", "/run/x"), ("/run/x", "/run/x")],
)
def test_a_unix_socket_has_a_path(address: str, path: str | None) -> None:
    """An address has none."""
    settings = SpoaSettings.model_validate({"address": address})
    assert settings.socket_path == (Path(path) if path else None)


def test_words_may_be_written_in_capitals(checked: Checker) -> None:
    """As many programs write their log levels."""
    log = checked("log: {level: WARNING, format: JSON}").engine.log
    assert (log.level, log.format) == ("warning", "json")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("spoa: {port: 65536}", "spoa.port: must be at most 65535, not 65536"),
        ("spoa: {port: -1}", "spoa.port: must be at least 0, not -1"),
        ("spoa: {port: 1.5}", "spoa.port: must be a whole number, not 1.5"),
        ("spoa: {port: }", "spoa.port: must be a whole number, not empty"),
        ("spoa: {max_clients: 0}", "spoa.max_clients: must be at least 1, not 0"),
        ("spoa: {max_clients: true}", "spoa.max_clients: must be a whole number, not true"),
        ("spoa: {read_timeout: 0s}", "spoa.read_timeout: must be more than 0s, not '0s'"),
        ("spoa: {read_timeout: 0}", "spoa.read_timeout: must be more than 0, not 0"),
        ("spoa: {enabled: perhaps}", "spoa.enabled: must be true or false, not 'perhaps'"),
        ("spoa: {address: 5}", "spoa.address: must be text, not 5; put it in quotes"),
        ("verdict: {timeout: 2m}", "verdict.timeout: must be at most 1m, not '2m'"),
        (
            "verdict: {scope: tnx}",
            "verdict.scope: must be proc, sess, txn, req or res, not 'tnx'; did you mean txn?",
        ),
        (
            "log: {lvl: info}",
            "log.lvl: is no setting; did you mean level?",
        ),
        ("log: {colour: red}", "log.colour: is no setting; there are level, format"),
        ("log: [info]", "log: must be a mapping: lines of key: value, not a list"),
    ],
)
def test_a_wrong_value_is_explained(complaints: Complainer, text: str, problem: str) -> None:
    """In plain words, with what would be right and what was written."""
    (line,) = complaints(text)
    assert line.split(": ", 1)[1] == problem


@pytest.mark.parametrize("text", ["spoa:", "plugins:", "grace:", "log:\nverdict:\n"])
def test_an_empty_section_means_its_defaults(checked: Checker, text: str) -> None:
    """All its lines may be commented out."""
    assert checked(text).engine == EngineSettings()


@pytest.mark.parametrize("word", ["yes", "on", "true", "1", "'true'"])
def test_a_switch_takes_every_usual_word(checked: Checker, word: str) -> None:
    """What the word is, the setting's type says."""
    assert checked(f"spoa: {{enabled: {word}}}").engine.spoa.enabled is True


def test_examples_are_right() -> None:
    """Each that a description gives can be written so."""
    for model in models_of(EngineSettings):
        for name, field in model.model_fields.items():
            for example in field.examples or ():
                data: dict[str, Any] = {name: example}
                assert name in model.model_validate(data).model_fields_set


@pytest.mark.parametrize(("written", "version"), [("1.2", "1.2"), ("'1.3'", "1.3"), ("", "1.2")])
def test_the_oldest_version_of_tls_needs_no_quotes(
    checked: Checker, written: str, version: str
) -> None:
    """YAML reads it as a number."""
    minimum = f", minimum: {written}" if written else ""
    settings = checked(f"spoa: {{tls: {{certificate: a.pem{minimum}}}}}").engine.spoa.tls
    assert settings is not None
    assert settings.minimum == version


def test_the_environment_can_turn_tls_on(checked: Checker) -> None:
    """Where the file says nothing of it."""
    env = {"FAIL2BAN_SPOA_TLS_CERTIFICATE": "/a.pem", "FAIL2BAN_SPOA_TLS_MINIMUM": "1.3"}
    settings = checked("", env).engine.spoa.tls
    assert settings is not None
    assert (settings.certificate, settings.minimum) == (Path("/a.pem"), "1.3")


def test_tls_needs_a_certificate(complaints: Complainer) -> None:
    """A section without one is told, an empty section is none."""
    assert complaints("spoa:\n  tls:\n    key: a.key\n") == [
        "config.yaml:2:3: spoa.tls.certificate: is missing"
    ]


def test_an_empty_section_turns_tls_off(checked: Checker) -> None:
    """All its lines are commented out."""
    assert checked("spoa:\n  tls:\n").engine.spoa.tls is None
