"""The section api."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban.config import ApiSettings, Configuration, check, parse

TOKEN = "a-token-of-some-length"


def refused(**settings: Any) -> str:
    """Return the sentence with which settings are refused."""
    with pytest.raises(ValidationError) as caught:
        ApiSettings(**settings)
    (error,) = caught.value.errors()
    return str(error["msg"]).removeprefix("Value error, ")


def checked(text: str, env: dict[str, str] | None = None) -> Configuration:
    return check(parse(text, "f", env or {}), {})


@pytest.mark.parametrize("none", [None, "none", "off", False])
def test_the_unix_socket_can_be_turned_off(none: object) -> None:
    """In YAML, and in the environment, where all is text."""
    assert ApiSettings.model_validate({"socket": none}).socket is None


def test_a_mode_is_octal_however_yaml_reads_it() -> None:
    """0660 is text to YAML, 660 a number."""
    assert ApiSettings.model_validate({"mode": "0660"}).mode == 0o660
    assert ApiSettings.model_validate({"mode": 600}).mode == 0o600


@pytest.mark.parametrize("mode", ["rw", 8, "0888", True, "07777"])
def test_what_is_no_mode_is_refused(mode: object) -> None:
    """With the form that is right."""
    assert "must be a file's mode such as 0660" in refused(mode=mode)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_needs_no_token(address: str) -> None:
    """Whoever is on the machine is let in, by default."""
    assert ApiSettings(address=address).token is None


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "host.example"])
def test_any_other_address_needs_a_token(address: str) -> None:
    """It doesn't start without."""
    assert "must have a token_file" in refused(address=address, allow=["192.0.2.0/24"])


def test_any_other_address_needs_an_allow_list() -> None:
    """A token alone is one leak away from nobody's control."""
    assert "must name in allow" in refused(address="192.0.2.1", token=TOKEN)
    assert ApiSettings.model_validate(
        {"address": "192.0.2.1", "token": TOKEN, "allow": ["192.0.2.0/24"]}
    )


def test_there_is_one_token() -> None:
    """Of two, nobody would know which counts."""
    assert "both" in refused(token=TOKEN, token_file="f")  # noqa: S106 - a name


@pytest.mark.parametrize("token", ["short", "with spaces in between", "nöt-ascii-at-all-no"])
def test_a_bad_token_is_not_shown(token: str) -> None:
    """Nor is a good one."""
    assert token not in refused(token=token)
    assert TOKEN not in repr(ApiSettings.model_validate({"token": TOKEN}))


def test_a_path_is_no_tcp_address() -> None:
    """There is a setting for it."""
    assert "a unix socket's path is socket" in refused(address="/run/api.sock")


def test_a_path_that_no_socket_can_have_is_refused() -> None:
    """unix(7) has room for 107 bytes."""
    assert "107 bytes" in refused(socket="/" + "x" * 107)


def test_a_relative_socket_begins_beside_the_file(tmp_path: Path) -> None:
    """As every path does."""
    document = parse("api: {socket: state/api.sock}", str(tmp_path / "config.yaml"), {})
    assert check(document, {}).engine.api.socket == document.directory / "state" / "api.sock"


def test_the_token_stays_in_the_engine() -> None:
    """The sensor gets the configuration, but not this section."""
    variables = {"FAIL2BAN_API_TOKEN": TOKEN, "FAIL2BAN_API_ADDRESS": "127.0.0.1"}
    configuration = checked("grace: 5s", variables)
    token = configuration.engine.api.token
    assert token is not None
    assert token.get_secret_value() == TOKEN
    wire = json.dumps(configuration.dump())
    assert TOKEN not in wire
    assert TOKEN not in repr(configuration)
    assert Configuration.restore(json.loads(wire), {}).engine.grace == 5
