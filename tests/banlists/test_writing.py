"""From bans to a list."""

import ast
from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from webfail2ban.api.models import Format
from webfail2ban.banlists import writer
from webfail2ban.model import Ban
from webfail2ban.testing import NOON

BANS = [
    Ban(ip_network("192.0.2.1"), "sshd", NOON, NOON + 60, "rude"),
    Ban(ip_network("198.51.100.0/24"), "manual", NOON),
    Ban(ip_network("2001:db8::1"), "sshd", NOON, NOON + 60, lines=("one",)),
]


def slices(jail: str | None) -> Iterator[Sequence[Ban]]:
    """Give the bans one by one."""
    for ban in BANS:
        if jail in {None, ban.jail}:
            yield [ban]


def written(form: Format) -> str:
    return b"".join(writer(form)(slices, ["manual", "sshd"])).decode()


def test_json_lines_have_a_ban_each() -> None:
    """With null for an end that never comes."""
    first, second, third = written("jsonl").splitlines()
    assert first == (
        '{"network":"192.0.2.1","jail":"sshd","since":1795176000.0,"until":1795176060.0,'
        '"reason":"rude","count":0,"lines":[]}'
    )
    assert '"until":null' in second
    assert third.endswith('"lines":["one"]}')


def test_a_plain_list_has_addresses_only() -> None:
    """Single ones without their prefix length."""
    assert written("plain") == "192.0.2.1\n198.51.100.0/24\n2001:db8::1\n"


def test_python_reads_what_fail2ban_would_print() -> None:
    """One mapping a jail."""
    assert ast.literal_eval(written("fail2ban")) == [
        {"manual": ["198.51.100.0/24"]},
        {"sshd": ["192.0.2.1", "2001:db8::1"]},
    ]
