"""Whatever is written: settings, or a ConfigurationError. No other error, no endless work."""

import json
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webfail2ban.config import (
    Configuration,
    EngineSettings,
    Models,
    SpoaSettings,
    check,
    parse,
)
from webfail2ban.errors import ConfigurationError

relaxed = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: What YAML is made of, so that more than the parser's first error is reached.
pieces = st.sampled_from("[]{},:&*!|>'\"%@#?-~1 \t\n") | st.sampled_from(
    [
        "a",
        "b: ",
        "spoa",
        "port",
        "plugins",
        "jails: ",
        "- ",
        "<<: ",
        "&x ",
        "*x",
        "\n  ",
        "\n",
        "true",
        "no",
        "null",
        "---\n",
        "...\n",
        "!!str ",
        "!!int ",
        "!!map ",
        "-1",
        "1e9",
        ": ",
    ]
)
yaml_like = st.lists(pieces, max_size=40).map("".join)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
names = st.sampled_from(["a", "b", "x-y"]) | st.sampled_from(
    [
        *EngineSettings.model_fields,
        *SpoaSettings.model_fields,
        "scope",
        "level",
        "dirs",
        "jails",
        "sshd",
        "bantime",
        "ignoreip",
        "increment",
        "tail",
        "files",
        "start",
        "token",
    ]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)
settings_of_all = st.sampled_from(
    [
        "SPOA",
        "SPOA_PORT",
        "GRACE",
        "LOG_LEVEL",
        "JAILS",
        "JAILS_A_FILTER",
        "TAIL_TOKEN",
        "TAIL",
        "TAIL_START",
        "JAILS_A_BANTIME_INCREMENT",
        "NOTHING",
        "PLUGIN_DIRS",
        "SERVICE_HOST",
    ]
)
variables = st.dictionaries(
    settings_of_all.map("FAIL2BAN_{}".format), yaml_like | scalars.map(str), max_size=4
)


def is_explained(error: ConfigurationError) -> bool:
    """Whether there is a line for each problem, and at least one."""
    return len(str(error).splitlines()) == len(error.problems) > 0


def try_it(data: bytes | str, env: dict[str, str], models: Models) -> None:
    try:
        document = parse(data, "f", env)
        assert all(isinstance(name, str) for name in document.plugins)
        configuration = check(document, models)
    except ConfigurationError as error:
        explained = is_explained(error)
    else:
        explained = True
        wire = json.dumps(configuration.dump(), allow_nan=False)
        assert Configuration.restore(json.loads(wire), models) == configuration
    assert explained


@relaxed
@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes, models: Models) -> None:
    """A file may hold anything."""
    try_it(data, {}, models)


@relaxed
@given(text=st.text(max_size=200) | yaml_like)
def test_any_text(text: str, models: Models) -> None:
    """Also what looks like YAML."""
    try_it(text, {}, models)


@relaxed
@given(data=st.dictionaries(names, values, max_size=6), env=variables)
def test_any_document(data: dict[str, Any], env: dict[str, str], models: Models) -> None:
    """Known names with any values, and variables over them."""
    text = yaml.safe_dump({**data, "plugins": ["jails", "tail", "bare"]}, allow_unicode=True)
    try_it(text, env, models)


@relaxed
@given(env=variables)
def test_any_environment(env: dict[str, str], models: Models) -> None:
    """Over nothing."""
    try_it("plugins: [jails, tail]", env, models)
