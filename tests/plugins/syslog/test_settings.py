"""The section syslog."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban import parse_network
from webfail2ban_syslog.settings import (
    LOOPBACK,
    SyslogSettings,
    find_problems,
    parse_endpoint,
)


def problems(**settings: Any) -> list[tuple[str | int, ...]]:
    return [problem.path for problem in find_problems(SyslogSettings.model_validate(settings))]


def test_defaults_listen_on_this_host_without_privileges() -> None:
    """Nothing has to be set: UDP on the loopback address, a high port, senders of this host."""
    settings = SyslogSettings()
    assert str(settings.endpoint) == "127.0.0.1:5514"
    assert settings.protocols == ("udp",)
    assert settings.senders == LOOPBACK
    assert problems() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:5514", "127.0.0.1:5514"),
        ("[::1]:5514", "[::1]:5514"),
        ("[::ffff:127.0.0.1]:5514", "127.0.0.1:5514"),
        ("localhost:514", "127.0.0.1:514"),
        ("0.0.0.0:0", "0.0.0.0:0"),
    ],
)
def test_endpoint_is_read(text: str, expected: str) -> None:
    """An address and a port, in one string."""
    assert str(parse_endpoint(text)) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (":5514", "127.0.0.1:5514 for this host, 0.0.0.0:5514 for all"),
        ("127.0.0.1", "must end in a port"),
        ("127.0.0.1:", "must end in a port"),
        ("127.0.0.1:65536", "must end in a port"),
        ("127.0.0.1:syslog", "must end in a port"),
        ("::1:5514", "brackets"),
        ("loghost:5514", "must begin with an IP address"),
        ("300.0.0.1:5514", "must begin with an IP address"),
    ],
)
def test_wrong_endpoint_is_refused(text: str, reason: str) -> None:
    """The sentence says what would be right; an address that isn't said is never all the world."""
    with pytest.raises(ValidationError, match=reason):
        SyslogSettings.model_validate({"address": text})


@pytest.mark.parametrize("address", ["0.0.0.0:5514", "[::]:5514", "192.0.2.1:5514"])
def test_open_address_needs_senders(address: str) -> None:
    """Beyond this host, somebody has to be named."""
    assert problems(address=address) == [("allow",)]
    assert problems(address=address, allow=["192.0.2.0/24"]) == []


def test_nobody_is_no_senders() -> None:
    """An empty list is a mistake."""
    assert problems(allow=[]) == [("allow",)]


def test_senders_are_networks() -> None:
    """Addresses and networks are read; a mapped one is the IPv4 one."""
    settings = SyslogSettings.model_validate({"allow": ["192.0.2.1", "::ffff:198.51.100.0/120"]})
    assert settings.senders == (parse_network("192.0.2.1"), parse_network("198.51.100.0/24"))


def test_only_a_socket_needs_no_senders() -> None:
    """What doesn't listen on the network has nobody to refuse."""
    assert problems(address="0.0.0.0:5514", protocols=[], socket="/tmp/log") == []  # noqa: S108


def test_something_must_be_listened_on() -> None:
    """Neither a protocol nor a socket would receive nothing, silently."""
    with pytest.raises(ValidationError, match="must name udp or tcp"):
        SyslogSettings.model_validate({"protocols": []})


def test_socket_needs_its_directory(tmp_path: Path) -> None:
    """A directory that isn't there is found before the start."""
    assert problems(socket=tmp_path / "missing" / "log") == [("socket",)]


def test_socket_path_must_fit(tmp_path: Path) -> None:
    """The kernel's addresses are short."""
    with pytest.raises(ValidationError, match="must not be a path of more than 107 bytes"):
        SyslogSettings.model_validate({"socket": tmp_path / ("a" * 107)})


def test_program_must_be_one_word() -> None:
    """What stands in for a program must look like one."""
    with pytest.raises(ValidationError, match="must be one word"):
        SyslogSettings.model_validate({"program": "a b"})


def test_every_setting_is_described() -> None:
    """The reference is made of the descriptions."""
    assert all(field.description for field in SyslogSettings.model_fields.values())


def test_settings_survive_the_way_to_the_sensor() -> None:
    """They are sent as JSON and checked again."""
    settings = SyslogSettings.model_validate(
        {"address": "[::1]:514", "allow": ["192.0.2.1"], "socket": "/run/log", "idle_timeout": "5m"}
    )
    assert SyslogSettings.model_validate(settings.model_dump(mode="json")) == settings
