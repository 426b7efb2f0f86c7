"""From a list to bans, however it is cut."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.api.models import Format
from webfail2ban.banlists import Defaults, Fault, describe, read_bans, writer
from webfail2ban.banlists.lines import LONGEST
from webfail2ban.model import Ban
from webfail2ban.testing import NOON

DEFAULTS = Defaults(NOON, "manual", 60, "imported")
FIRST = Ban(ip_network("192.0.2.1"), "manual", NOON, NOON + 60, "imported")


def read(text: str | bytes, form: Format, defaults: Defaults = DEFAULTS) -> list[Ban | Fault]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_bans([data], form, defaults))


def faults(text: str | bytes, form: Format) -> list[str]:
    found = read(text, form)
    assert all(isinstance(one, Fault) for one in found)
    return [f"{one.line}: {one.message}" for one in found if isinstance(one, Fault)]


def test_a_plain_list_has_an_address_a_line() -> None:
    """Comments and empty lines are none; what the list doesn't say is the caller's."""
    text = "# of yesterday\n\n192.0.2.1 # rude\r\n 2001:db8::/32\n198.51.100.7/24"
    bans = read(text, "plain")
    assert bans[0] == FIRST
    assert [str(ban.network) for ban in bans if isinstance(ban, Ban)] == [
        "192.0.2.1/32",
        "2001:db8::/32",
        "198.51.100.0/24",
    ]


def test_what_fail2ban_prints_has_jails() -> None:
    """In Python's way of writing, either kind of quotes, a jail without bans too."""
    text = """[{'sshd': ['192.0.2.1', '192.0.2.2']}, {"dovecot": [], 'x': ["::1"]}, {}]\n"""
    bans = [(ban.jail, str(ban.network)) for ban in read(text, "fail2ban") if isinstance(ban, Ban)]
    assert bans == [("sshd", "192.0.2.1/32"), ("sshd", "192.0.2.2/32"), ("x", "::1/128")]


def test_json_lines_lose_nothing() -> None:
    """What is written is read again."""
    ban = Ban(ip_network("192.0.2.1"), "sshd", NOON, inf, "x\ny", 3, ("one", "zwei ü"))
    assert read(describe(ban).model_dump_json(), "jsonl") == [ban]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "1: Invalid JSON: EOF while parsing an object at line 1 column 1"),
        ("[]", "1: Input should be an object"),
        ({"network": "x"}, "1: network: must be an IP address or a network such as"),
        ({"until": NOON - 1}, "1: must not end before it begins"),
        ({"until": 1e300}, "1: until: must not be later than the year 9999"),
        ({"since": "now"}, "1: since: Input should be a valid number"),
        ({"jail": "a\nb"}, "1: must have a jail's name of 1 to 100 characters"),
        ({"jail": ""}, "1: must have a jail's name of 1 to 100 characters"),
        ({"count": -1}, "1: count: Input should be greater than or equal to 0"),
        ({"count": 10**30}, "1: count: Input should be less than or equal to 2147483647"),
    ],
)
def test_what_is_no_ban_is_a_fault(line: object, message: str) -> None:
    """With its line; the rest goes on."""
    whole = {"network": "192.0.2.1", "jail": "sshd", "since": NOON, "until": None}
    text = json.dumps(whole | line) if isinstance(line, dict) else str(line)
    (fault,) = faults(text, "jsonl")
    assert fault.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: must not end here"),
        ("[", "1: must not end here"),
        ("[{'a': [1]}]", "1: must not have '1]}]' here"),
        ("{'a': []}", "1: must not have '{' here"),
        ("[] x", "1: must not have 'x' here"),
        ("[{'a': ['x']}]", "1: must be an IP address or a network such as"),
        ("[{'': ['192.0.2.1']}]", "1: must have a jail's name"),
        ("[{'a': [__import__('os')]}]", "1: must not have '__import__('os')]}]' here"),
        ("[{'a': ['" + "1" * 5000, "1: must not have"),
        ("[{'a': ['" + "1" * 100 + "']}]", "1: must be an IP address"),
    ],
)
def test_what_is_no_list_of_fail2bans_is_a_fault(text: str, message: str) -> None:
    """Nothing but that form is understood."""
    (fault,) = faults(text, "fail2ban")
    assert fault.startswith(message.replace("'__import__('os')]}]'", "\"__import__('os')]}]\""))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("plain", "192.0.2.1\n"),
        ("fail2ban", "[{'manual': ['192.0.2.1']}]"),
        ("jsonl", describe(FIRST).model_dump_json()),
    ],
)
def test_a_mark_in_front_of_a_text_is_no_part_of_it(form: Format, text: str) -> None:
    """Editors of Windows write one."""
    assert read(text.encode("utf-8-sig"), form) == [FIRST]


def test_a_line_that_is_too_long_is_a_fault() -> None:
    """It is left out, and takes no memory."""
    pieces = (b"1" * 65536 for _ in range(2 * LONGEST // 65536))

    def whole() -> Iterator[bytes]:
        yield from pieces
        yield b"\n192.0.2.1\n"

    assert list(read_bans(whole(), "plain", DEFAULTS)) == [Fault(1, "is too long"), FIRST]


@given(cuts=st.lists(st.integers(0, 400)), form=st.sampled_from(["jsonl", "fail2ban", "plain"]))
def test_cuts_change_nothing(cuts: list[int], form: Format) -> None:
    """Bytes arrive as they like, also in the middle of a character."""
    bans = [
        Ban(ip_network(address), "jäil", NOON, NOON + 60, "imported")
        for address in ("192.0.2.1", "198.51.100.0/24", "2001:db8::1")
    ]
    text = b"".join(writer(form)(lambda _jail: iter([bans]), ["jäil"]))
    ends = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    defaults = Defaults(NOON, "jäil", 60, "imported")
    assert list(read_bans(pieces, form, defaults)) == bans


@given(data=st.binary(max_size=200), form=st.sampled_from(["jsonl", "fail2ban", "plain"]))
def test_anything_may_be_sent(data: bytes, form: Format) -> None:
    """It is bans and faults."""
    for found in read(data, form):
        assert isinstance(found, Ban | Fault)
