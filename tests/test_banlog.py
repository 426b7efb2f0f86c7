"""A line for each ban and each end of one, in groups."""

import io
import json
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from math import inf

import gevent
import pytest

from tests.waiting import wait_until
from webfail2ban import banlog as banlog_module
from webfail2ban.banlog import BanLog
from webfail2ban.logs import Fields, JsonFormatter, LineFormatter, LineHandler
from webfail2ban.model import Ban

BAN = Ban(ip_network("192.0.2.1"), "sshd", 100.0, 5500.0, "3 failures")

log = logging.getLogger(__name__)


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[LineHandler]:
    """Our own handler, as if it were alone: pytest adds some for each test."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    handler = LineHandler(io.StringIO(), LineFormatter("engine"))
    root.handlers[:] = [handler]
    root.setLevel("INFO")
    monkeypatch.setattr(banlog_module, "_find_handler", lambda: handler)
    yield handler
    root.handlers[:] = before
    root.setLevel(level)


def said(handler: LineHandler) -> list[str]:
    assert isinstance(handler.stream, io.StringIO)
    return [line.partition(": ")[2] for line in handler.stream.getvalue().splitlines()]


def test_lines_wait_for_others_but_not_for_long(handler: LineHandler) -> None:
    """They are written by themselves."""
    banlog = BanLog()
    banlog.ban([BAN])
    banlog.unban([BAN], "its time is over")
    assert said(handler) == []
    wait_until(lambda: said(handler), "they are written", gevent.sleep)
    assert said(handler) == [
        "ban 192.0.2.1 [sshd] for 1h30m: 3 failures",
        "unban 192.0.2.1 [sshd]: its time is over",
    ]


def test_what_is_said_later_stands_behind(handler: LineHandler) -> None:
    """A reader sees the order in which things happened."""
    BanLog().ban([BAN])
    log.warning("then this")
    assert said(handler) == ["ban 192.0.2.1 [sshd] for 1h30m: 3 failures", "then this"]


def test_a_flood_does_not_wait(handler: LineHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that wait are bounded."""
    monkeypatch.setattr(banlog_module, "MOST", 3)
    banlog = BanLog()
    for _ in range(4):
        banlog.unban([BAN], "its time is over")
    assert len(said(handler)) == 3


def test_the_end_writes_what_waits(handler: LineHandler) -> None:
    """Python flushes each handler when it ends."""
    BanLog().ban([BAN])
    handler.flush()
    assert len(said(handler)) == 1


def test_control_characters_are_harmless(handler: LineHandler) -> None:
    """A jail's reason may hold what a client wrote."""
    BanLog().ban([Ban(BAN.network, "sshd", 0.0, inf, "a\nb\x1b[2J\u202e")])
    handler.flush()
    assert said(handler) == ["ban 192.0.2.1 [sshd] for ever: a#012b#033[2J#202E"]


def test_json_is_what_other_entries_are() -> None:
    """With the same keys."""
    formatter = JsonFormatter("engine")
    record = logging.LogRecord("x", logging.INFO, "", 0, 'a "b"\n ü', None, None)
    fields: Fields = {"jail": "ü\n", "until": None}
    vars(record)["fields"] = fields
    (written,) = formatter.write(record.created, "INFO", "x", [('a "b"\n ü', lambda: fields)])
    assert json.loads(written) == json.loads(formatter.format(record))
    assert "\n" not in written


def test_machines_get_a_bans_parts(handler: LineHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should have to search a sentence."""
    json_handler = LineHandler(handler.stream, JsonFormatter("engine"))
    monkeypatch.setattr(banlog_module, "_find_handler", lambda: json_handler)
    BanLog().ban([Ban(BAN.network, "sshd", 100.0, inf, 'a "b"')])
    json_handler.flush()
    assert isinstance(handler.stream, io.StringIO)
    entry = json.loads(handler.stream.getvalue())
    assert {name: entry[name] for name in ("event", "network", "jail", "until", "reason")} == {
        "event": "ban",
        "network": "192.0.2.1",
        "jail": "sshd",
        "until": None,
        "reason": 'a "b"',
    }


def test_a_level_above_says_nothing(handler: LineHandler) -> None:
    """As with any other entry."""
    logging.getLogger().setLevel("WARNING")
    BanLog().ban([BAN])
    handler.flush()
    assert said(handler) == []


def test_handlers_that_know_no_groups_get_each_line(caplog: pytest.LogCaptureFixture) -> None:
    """At once: somebody else's, a test's."""
    caplog.set_level(logging.INFO)
    BanLog().ban([BAN])
    assert caplog.messages == ["ban 192.0.2.1 [sshd] for 1h30m: 3 failures"]


def test_a_reader_that_is_gone_costs_lines_only(handler: LineHandler) -> None:
    """Bans go on."""
    handler.stream.close()
    BanLog().ban([BAN])
    handler.write_held()
