import json
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from webfail2ban.config import Configuration, Models, Settings, check, parse, read
from webfail2ban.errors import ConfigurationError

Checker = Callable[..., Configuration]
Complainer = Callable[..., list[str]]

EVERYTHING = """\
plugins: [jails, tail, bare]
plugin_dirs: [mine]
grace: 1m
spoa: {address: /run/spoa.sock}
jails:
  sshd:
    filter: sshd
    bantime: permanent
    ignoreip: 192.0.2.0/24 2001:db8::1
tail:
  files: [log/a, /var/log/b]
  token: secret
"""

MISTAKES = """\
plugins: [jails, tail, bare, nope]
spoa:
  port: 70000
  prot: 1
  enabled: maybe
spao: {}
whitelist: {}
bare: {x: 1}
jails:
  sshd: {maxretry: 0, bantime: for ever}
  web:
    filter: a
    max_retry: 1
    ignoreip: [10.0.0.0/8, nonsense, 5]
  web:
    filter: b
tail:
  files: /var/log/x
  start: middle
  token: 12345
"""


def test_everything_that_is_wrong_is_told_at_once(complaints: Complainer) -> None:
    """In the order of the file, the environment's last."""
    assert complaints(MISTAKES, {"FAIL2BAN_GRACE": "soon", "FAIL2BAN_LOG_LEVEL": "loud"}) == [
        "config.yaml:1:30: plugins[3]: there is no plugin nope",
        "config.yaml:3:9: spoa.port: must be at most 65535, not 70000",
        "config.yaml:4:3: spoa.prot: is no setting; did you mean port?",
        "config.yaml:5:12: spoa.enabled: must be true or false, not 'maybe'",
        "config.yaml:6:1: spao: is no section; did you mean spoa?",
        (
            "config.yaml:7:1: whitelist: is set, but the plugin is not in plugins; "
            "add it there or take this out"
        ),
        "config.yaml:8:1: bare: is set, but the plugin takes no settings",
        "config.yaml:10:9: jails.sshd.filter: is missing",
        "config.yaml:10:20: jails.sshd.maxretry: must be at least 1, not 0",
        (
            "config.yaml:10:32: jails.sshd.bantime: must be a duration such as 30s, 10m, 1h30m, 2d "
            "or a number of seconds, not 'for ever'; one without an end is permanent"
        ),
        "config.yaml:13:5: jails.web.max_retry: is no setting; did you mean maxretry?",
        (
            "config.yaml:14:28: jails.web.ignoreip[1]: must be an IP address or a network such as "
            "192.0.2.0/24, not 'nonsense'"
        ),
        (
            "config.yaml:14:38: jails.web.ignoreip[2]: must be an IP address or a network such as "
            "192.0.2.0/24, not 5"
        ),
        "config.yaml:15:3: jails.web: is set twice (first in line 11); only one can hold",
        (
            "config.yaml:18:10: tail.files: must be a list, not '/var/log/x'; "
            "a list is written [one, two], or one entry a line, each after a dash"
        ),
        "config.yaml:19:10: tail.start: must be begin or end, or a whole number, not 'middle'",
        "config.yaml:20:10: tail.token: must be text; put it in quotes",
        (
            "environment FAIL2BAN_GRACE: grace: must be a duration such as 30s, 10m, 1h30m, 2d "
            "or a number of seconds, not 'soon'"
        ),
        (
            "environment FAIL2BAN_LOG_LEVEL: log.level: must be debug, info, warning or error, "
            "not 'loud'"
        ),
    ]


def test_a_weight_of_a_plugin_that_is_not_asked_is_told(complaints: Complainer) -> None:
    """Misspelt, or not in plugins; in the environment, too."""
    text = """\
plugins: [jails, tail]
verdict:
  weights: {jials: 0.5, tail: 101, bare: 2}
  ban_scores: {jails: 101}
jails: {}
"""
    assert complaints(text, {"FAIL2BAN_VERDICT_WEIGHTS_NOBODY": "1"}) == [
        (
            "config.yaml:3:13: verdict.weights.jials: is set, but the plugin is not in plugins; "
            "did you mean jails?"
        ),
        "config.yaml:3:31: verdict.weights.tail: must be at most 100, not 101",
        (
            "config.yaml:3:36: verdict.weights.bare: is set, but the plugin is not in plugins; "
            "add it there or take this out"
        ),
        "config.yaml:4:23: verdict.ban_scores.jails: must be at most 100, not 101",
        (
            "environment FAIL2BAN_VERDICT_WEIGHTS_NOBODY: verdict.weights.nobody: is set, but the "
            "plugin is not in plugins"
        ),
    ]


def test_what_is_right_becomes_settings(checked: Checker) -> None:
    """The engine's, and each plugin's that takes some."""
    configuration = checked(EVERYTHING)
    assert configuration.engine.grace == 60
    assert list(configuration.plugins) == ["jails", "tail"]
    assert configuration.plugins["jails"].model_dump()["sshd"]["bantime"] == inf
    assert configuration.warnings == ()


def test_a_plugin_without_a_section_has_its_defaults(checked: Checker, models: Models) -> None:
    """So has one whose section is empty."""
    assert models["tail"] is not None
    defaults = models["tail"]()
    assert checked("plugins: [tail]").plugins["tail"] == defaults
    assert checked("plugins: [tail]\ntail:\n").plugins["tail"] == defaults


def test_a_section_that_begins_with_x_is_not_read(checked: Checker) -> None:
    """It is a place for anchors."""
    text = "x-common: &c {port: 7}\nspoa: {<<: *c, max_clients: 3}\n"
    spoa = checked(text).engine.spoa
    assert (spoa.port, spoa.max_clients) == (7, 3)


def test_a_mistake_that_is_repeated_is_found_where_it_was_made(complaints: Complainer) -> None:
    """An alias has no text of its own."""
    text = "x-common: &c\n  port: x\nspoa:\n  <<: *c\n"
    assert complaints(text) == ["config.yaml:2:9: spoa.port: must be a whole number, not 'x'"]


def test_an_empty_section_of_a_plugin_without_settings_is_none(checked: Checker) -> None:
    """It says nothing."""
    assert dict(checked("plugins: [bare]\nbare:\n").plugins) == {}


def test_a_document_that_is_none_is_told_only_that(complaints: Complainer) -> None:
    """Nothing else could be right or wrong."""
    assert complaints("[a]") == ["config.yaml:1:1: must be sections such as spoa:, not a list"]


class Breaking(Settings):
    size: int = 1

    @field_validator("size")
    @classmethod
    def _break(cls, _size: int) -> int:
        raise KeyError("oops")


class Choosy(Settings):
    low: int = 1
    high: int = 2
    secret: SecretStr = SecretStr("")
    either: Settings | int | None = None

    @model_validator(mode="after")
    def _check_order(self) -> "Choosy":
        if self.low > self.high:
            raise ValueError("Low must not be\nabove high")
        return self


def complain_of(model: type[BaseModel], text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        check(parse(f"plugins: [p]\np:\n{text}", "f"), {"p": model})
    return str(caught.value).splitlines()


def test_a_model_that_breaks_is_a_problem_of_its_plugin() -> None:
    """Other mistakes are told with it."""
    assert complain_of(Breaking, "  size: 5\ngrace: x\n") == [
        "f:2:1: p: can't be checked: the plugin's model raised KeyError: 'oops'",
        (
            "f:4:8: grace: must be a duration such as 30s, 10m, 1h30m, 2d or a number of seconds, "
            "not 'x'"
        ),
    ]


def test_a_model_says_what_is_wrong_with_all_of_it() -> None:
    """In its own words, in one line, at the section."""
    assert complain_of(Choosy, "  low: 5\n") == ["f:2:1: p: low must not be above high"]


def test_a_secret_is_not_shown() -> None:
    """Problems go to logs and screens."""
    assert complain_of(Choosy, "  secret: 2718281828\n") == [
        "f:3:11: p.secret: must be text; put it in quotes"
    ]


def test_of_a_union_what_fits_best_is_explained() -> None:
    """A mapping was written, so its mistake is meant, and not that it is no number."""
    assert complain_of(Choosy, "  either: {x: 1}\n") == ["f:3:12: p.either.x: is no setting"]
    assert complain_of(Choosy, "  either: x\n") == [
        "f:3:11: p.either: must be a mapping: lines of key: value, or a whole number, not 'x'"
    ]


def test_a_later_problem_is_located_too(checked: Checker) -> None:
    """A hook may find that a file isn't there; a variable's value has the variable's name."""
    configuration = checked(EVERYTHING, {"FAIL2BAN_TAIL_LABEL": "x"})
    located = [
        str(configuration.problem(path, "isn't there", hint="make it"))
        for path in [("tail", "files", 0), ("tail", "label"), ("jails", "sshd", "maxretry"), ()]
    ]
    assert located == [
        "config.yaml:11:11: tail.files[0]: isn't there; make it",
        "environment FAIL2BAN_TAIL_LABEL: tail.label: isn't there; make it",
        "config.yaml:6:3: jails.sshd.maxretry: isn't there; make it",
        "config.yaml:1:1: isn't there; make it",
    ]


def test_another_process_gets_the_same_settings(tmp_path: Path, models: Models) -> None:
    """Over a pipe, as JSON: endless bans, paths, networks, secrets, and every place."""
    path = tmp_path / "config.yaml"
    path.write_text(EVERYTHING)
    env = {"FAIL2BAN_TAIL_LABEL": "5", "FAIL2BAN_NONSENSE": "1"}
    configuration = check(read(path, env), models)
    wire = json.dumps(configuration.dump(), allow_nan=False)
    restored = Configuration.restore(json.loads(wire), models)
    assert restored == configuration
    assert restored.root == configuration.root
    assert restored.plugins["tail"].model_dump()["files"] == (
        tmp_path / "log/a",
        Path("/var/log/b"),
    )
    assert restored.plugins["tail"].model_dump()["token"] == SecretStr("secret")
    assert restored.warnings == ()


def test_a_configuration_without_a_file_is_restored(models: Models) -> None:
    """It has no path, and relative paths stay so."""
    configuration = check(parse("plugins: [tail]\ntail: {files: [a]}\n"), models)
    restored = Configuration.restore(configuration.dump(), models)
    assert restored == configuration
    assert restored.path is None


def test_what_is_no_dump_is_a_bug(models: Models) -> None:
    """Nobody but our own engine writes to the pipe."""
    with pytest.raises(TypeError, match="no dump"):
        Configuration.restore({"path": None, "root": [["f", 1, 1], 5]}, models)


def test_the_plugins_of_a_configuration_can_not_change(checked: Checker) -> None:
    """Whoever holds it may rely on it."""
    plugins: Any = checked(EVERYTHING).plugins
    with pytest.raises(TypeError):
        plugins["tail"] = None


class Required(Settings):
    path: str = Field()


def test_a_plugin_that_needs_a_setting_says_so_without_a_section() -> None:
    """At the file's beginning, as there is no better place."""
    with pytest.raises(ConfigurationError) as caught:
        check(parse("plugins: [p]\n", "f"), {"p": Required})
    assert str(caught.value) == "f:1:1: p.path: is missing"
