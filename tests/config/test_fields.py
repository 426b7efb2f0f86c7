from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban.config import ListenAddress, LocalPath, Networks, Port, Settings


class Sample(Settings):
    address: ListenAddress = "127.0.0.1"
    port: Port = 0
    path: LocalPath = Path("x")
    networks: Networks = ()


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("[::1]", "::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("localhost", "localhost"),
        ("fail2ban_service.web-1", "fail2ban_service.web-1"),
        ("/run/x.sock", "/run/x.sock"),
        ("unix@/run/x.sock", "/run/x.sock"),
    ],
)
def test_an_address_is_where_something_listens(written: str, address: str) -> None:
    """An IP address, a name, or a unix socket's path as HAProxy may write it."""
    assert Sample.model_validate({"address": written}).address == address


@pytest.mark.parametrize(
    "written", ["", "1.2.3.400", "a b", "-x", "host:80", "unix@x", "é", "*", "a..b"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    """Digits that are no address are no name either."""
    with pytest.raises(ValidationError, match="must be an IP address, a host name or a unix"):
        Sample.model_validate({"address": written})


@pytest.mark.parametrize("written", ["/" + "x" * 107, "/" + "é" * 54, "/run/\0"])
def test_a_socket_has_a_path_that_the_kernel_takes(written: str) -> None:
    """Its address holds 107 bytes."""
    with pytest.raises(ValidationError, match="must not be a path of more than 107 bytes"):
        Sample.model_validate({"address": written})


@pytest.mark.parametrize(
    "written",
    [
        ["192.0.2.1", "127.0.0.1/8", "2001:db8::/32", "::ffff:198.51.100.7"],
        "192.0.2.1 127.0.0.1/8, 2001:db8::/32\n::ffff:198.51.100.7",
    ],
)
def test_networks_are_a_list_or_one_text(written: Any) -> None:
    """Host bits may be set, as fail2ban's own default has them, and mapped ones are folded."""
    assert Sample.model_validate({"networks": written}).networks == (
        IPv4Network("192.0.2.1"),
        IPv4Network("127.0.0.0/8"),
        IPv6Network("2001:db8::/32"),
        IPv4Network("198.51.100.7"),
    )


@pytest.mark.parametrize("written", [["x"], [1], [None], [["192.0.2.1"]], "x", ["192.0.2.0/33"]])
def test_what_is_no_network_is_refused(written: Any) -> None:
    """A number is none, though Python would make an address of it."""
    with pytest.raises(ValidationError, match="must be an IP address or a network such as"):
        Sample.model_validate({"networks": written})


def test_networks_survive_a_second_validation() -> None:
    """A model that is built in Python takes networks as they are."""
    network = IPv4Network("192.0.2.0/24")
    assert Sample(networks=(network,)).networks == (network,)


def test_a_path_begins_at_the_directory_of_the_file() -> None:
    """Without one it stays relative; an absolute path is what it is."""
    context = {"directory": Path("/etc/webfail2ban")}
    relative = Sample.model_validate({"path": "lists/a"}, context=context)
    absolute = Sample.model_validate({"path": "/srv/a"}, context=context)
    assert relative.path == Path("/etc/webfail2ban/lists/a")
    assert absolute.path == Path("/srv/a")
    assert Sample.model_validate({"path": "a"}).path == Path("a")


def test_a_path_holds_no_zero_byte() -> None:
    """No file's name can."""
    with pytest.raises(ValidationError, match="must not hold a zero byte"):
        Sample.model_validate({"path": "a\0b"})
