from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban import parse_network
from webfail2ban.commands.clean_list import CleanList
from webfail2ban.errors import InputFileError

Write = Callable[[str, str | bytes], Path]

LIST = """
# our customers
192.0.2.7
192.0.2.0/29 the office, as HAProxy's lists allow
198.51.100.0/24   # a provider
2001:db8:1::5
::ffff:203.0.113.9
"""


@pytest.fixture
def clean(write: Write) -> CleanList:
    return CleanList(write("clean.txt", LIST))


@pytest.mark.parametrize(
    ("banned", "met"),
    [
        ("192.0.2.3", "192.0.2.0/29"),
        ("198.51.100.99", "198.51.100.0/24"),
        ("198.51.100.128/25", "198.51.100.0/24"),
        ("198.51.0.0/16", "198.51.100.0/24"),
        ("2001:db8:1::/64", "2001:db8:1::5"),
        ("2001:db8:1::5", "2001:db8:1::5"),
        ("203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_ban_meets_who_is_in_it_or_around_it(clean: CleanList, banned: str, met: str) -> None:
    """IPv6 clients are banned by prefix."""
    client = clean.touched_by(parse_network(banned))

    assert client is not None
    assert client.network == parse_network(met)


@pytest.mark.parametrize("banned", ["192.0.2.8", "198.51.101.0/24", "2001:db8:2::/64", "::/127"])
def test_other_bans_meet_nobody(clean: CleanList, banned: str) -> None:
    """Neighbours included."""
    assert clean.touched_by(parse_network(banned)) is None


def test_a_client_is_named_with_its_place(clean: CleanList) -> None:
    """So that it can be found."""
    client = clean.touched_by(parse_network("203.0.113.9"))

    assert str(client).endswith("clean.txt:7)")
    assert len(clean) == 5


def test_what_is_no_address_is_an_error(write: Write) -> None:
    """A gate with a hole is none."""
    with pytest.raises(InputFileError, match=r"clean\.txt:2: '192\.0\.2\.300' is no address"):
        CleanList(write("clean.txt", "192.0.2.1\n192.0.2.300\n"))


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It isn't an empty one."""
    with pytest.raises(InputFileError, match="No such file"):
        CleanList(tmp_path / "clean.txt")
