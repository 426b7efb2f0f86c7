"""What is a host name, and what isn't."""

import pytest

from webfail2ban.hostnames import parse_host_name

#: As long as a label may be (RFC 1035, 2.3.4).
LONGEST = "a" * 63


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("home.example.org", "home.example.org"),
        (" Home.Example.ORG. ", "home.example.org"),
        ("localhost", "localhost"),
        ("3com.example", "3com.example"),
        ("my_service", "my_service"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        (f"{LONGEST}.{LONGEST}.{LONGEST}.{'a' * 61}", f"{LONGEST}.{LONGEST}.{LONGEST}.{'a' * 61}"),
    ],
)
def test_a_name_is_read(written: str, name: str) -> None:
    """In one form, however it is written."""
    assert parse_host_name(written) == name


@pytest.mark.parametrize(
    "written",
    [
        *("", ".", "home..example", ".example", "-x.example", "x-.example", "*.example.org"),
        *("192.0.2", "192.0.2.400", "2001:db8::1", "192.0.2.0/24", "host:80", "https://x.example"),
        *("a b", "bücher.example", f"a{LONGEST}.example", ".".join([LONGEST] * 4), "x\n.example"),
    ],
)
def test_what_is_no_name_is_refused(written: str) -> None:
    """The sentence quotes it."""
    with pytest.raises(ValueError, match=r"must be a host name such as home\.example\.org, not '"):
        parse_host_name(written)
