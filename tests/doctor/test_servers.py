import pytest

from webfail2ban.doctor.conditions import Setting
from webfail2ban.doctor.durations import parse_time
from webfail2ban.doctor.reading import read_lines, read_sections
from webfail2ban.doctor.servers import Server, listens_beyond, read_servers, split_address


def servers(text: str) -> tuple[Server, ...]:
    sections = read_sections(read_lines(text, "x", Setting((2, 8), {})))
    return read_servers(sections[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80, "")),
        ("agent", ("agent", 0, "")),
        ("[::1]:80", ("::1", 80, "")),
        (":::80", ("::", 80, "")),
        ("ipv4@agent:80", ("agent", 80, "")),
        ("unix@/run/x.sock", ("", 0, "/run/x.sock")),
        ("/run/x.sock", ("", 0, "/run/x.sock")),
        ("*:443", ("*", 443, "")),
        ("[::1]:80-89", ("::1", 80, "")),
        ("agent:http", ("agent:http", 0, "")),
    ],
)
def test_addresses_are_read(text: str, expected: tuple[str, int, str]) -> None:
    """Host, port, and a unix socket's path."""
    assert split_address(text) == expected


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        *((":80", True), ("*:80", True), ("192.0.2.1:80", True), ("proxy.example:80", True)),
        *(("127.0.0.1:80", False), ("[::1]:80", False), ("localhost:80", False)),
        *(("::ffff:127.0.0.1:80", False), ("127.0.0.1:80-89", False), ("/run/x.sock", False)),
        *(("127.0.0.1:80,[::1]:80", False), ("127.0.0.1:80,192.0.2.1:80", True)),
    ],
)
def test_who_reaches_an_address_is_told(text: str, beyond: bool) -> None:
    """This machine alone, or others too: one of several addresses is enough."""
    assert listens_beyond(text) is beyond


def test_a_server_has_what_the_defaults_before_it_say() -> None:
    """The last word counts."""
    first, second = servers(
        "defaults\n default-server check\nbackend b\n server a 127.0.0.1:1 no-check\n"
        " default-server send-proxy\n server b 192.0.2.1:2 verify none\n"
    )
    assert (first.has("check"), first.has("send-proxy"), first.is_local) == (False, False, True)
    assert (second.has("check"), second.has("send-proxy"), second.is_local) == (True, True, False)
    assert second.value("verify") == "none"
    assert second.value("crt") == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50ms", 0.05), ("500", 0.5), ("2m", 120), ("1m30s", 90), ("10us", 1e-5), ("", None)],
)
def test_lengths_of_time_are_read(text: str, seconds: float | None) -> None:
    """Milliseconds where no unit is said."""
    assert parse_time(text) == pytest.approx(seconds)


def test_what_is_no_length_of_time_is_none() -> None:
    """HAProxy says so itself."""
    assert parse_time("soon") is None
